package io.uloop.observe;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;
import org.jspecify.annotations.Nullable;

/** A Flight Recorder event for a callback that blocks its loop. */
@Name("io.uloop.SlowHandler")
@Label("Slow Handler")
@Category("Uloop")
@Description("A callback has been running for longer than the loop's threshold")
@StackTrace(false) // it would be the watchdog's; the log has the loop's
final class SlowHandlerEvent extends Event {
    @Label("Loop")
    String loop = "";

    @Label("Descriptor")
    @Description("-1 if the callback is not the handler of a descriptor")
    int fd;

    @Label("Handler Class")
    @Description("Empty if the call has removed the descriptor")
    @Nullable Class<?> handler;

    @Label("Loop Thread")
    Thread loopThread = Thread.currentThread();

    @Label("So Far")
    @Description("Observed duration of the call, which has not returned yet")
    @Timespan(Timespan.NANOSECONDS)
    long soFar;

    private SlowHandlerEvent() {}

    static void record(
            String loop, int fd, @Nullable Class<?> handler, Thread loopThread, long soFarNanos) {
        SlowHandlerEvent event = new SlowHandlerEvent();
        event.loop = loop;
        event.fd = fd;
        event.handler = handler;
        event.loopThread = loopThread;
        event.soFar = soFarNanos;
        event.commit();
    }
}
