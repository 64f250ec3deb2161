package io.uloop;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;
import org.jspecify.annotations.Nullable;

/** Flight Recorder's view of a callback that holds its loop up. */
@Name("io.uloop.SlowHandler")
@Label("Slow Handler")
@Category("Uloop")
@Description("A callback goes on for longer than the loop's threshold")
@StackTrace(false) // it would be the watchdog's; the loop's is in the log
final class SlowHandlerEvent extends Event {
    @Label("Loop")
    String loop = "";

    @Label("Descriptor")
    @Description("-1 if it is no descriptor's handler")
    int fd;

    @Label("Handler Class")
    @Description("None if the descriptor has been removed in the call")
    @Nullable Class<?> handler;

    @Label("Loop Thread")
    Thread loopThread = Thread.currentThread();

    @Label("So Far")
    @Description("How long it has been seen to go on; it has not returned yet")
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
