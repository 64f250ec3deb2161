package io.uloop.observe;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Enabled;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/** A Flight Recorder event for one poll. */
@Name("io.uloop.Poll")
@Label("Poll")
@Category("Uloop")
@Description("A loop polled and called the handlers of ready descriptors")
@Enabled(false)
@StackTrace(false)
final class PollEvent extends Event {
    /** Tells whether recording is enabled without allocating an event. */
    private static final PollEvent PROBE = new PollEvent();

    @Label("Loop")
    String loop = "";

    @Label("Wait")
    @Description(
            "Time until the first event or the end of the wait; 0 for a poll that does not wait")
    @Timespan(Timespan.NANOSECONDS)
    long wait;

    @Label("Events")
    int events;

    private PollEvent() {}

    /**
     * Records a poll if the event is enabled. Call only if {@link Modules#HAS_JFR}.
     *
     * @param loop the loop's name
     * @param waitNanos how long it waited
     * @param events how many events it got
     */
    static void record(String loop, long waitNanos, int events) {
        if (PROBE.isEnabled()) {
            PollEvent event = new PollEvent();
            event.loop = loop;
            event.wait = waitNanos;
            event.events = events;
            event.commit();
        }
    }
}
