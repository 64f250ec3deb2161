package io.uloop;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Enabled;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/** Flight Recorder's view of one poll. */
@Name("io.uloop.Poll")
@Label("Poll")
@Category("Uloop")
@Description("A loop has polled and called the handlers of what was ready")
@Enabled(false)
@StackTrace(false)
final class PollEvent extends Event {
    /** Only asked whether anybody records; so nothing is allocated if not. */
    private static final PollEvent PROBE = new PollEvent();

    @Label("Loop")
    String loop = "";

    @Label("Wait")
    @Description("Until the first event or the end of the wait; 0 if it was not to wait")
    @Timespan(Timespan.NANOSECONDS)
    long wait;

    @Label("Events")
    int events;

    private PollEvent() {}

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
