package io.uloop;

import io.uloop.internal.LoopAccess;

/**
 * Describes what a loop has registered, for example to find out why {@link Uloop#runUntilIdle} does
 * not return. {@link io.uloop.fiber.Fibers#dump} describes fibers.
 *
 * <pre>{@code
 * loop.callLater(Duration.ofSeconds(10), () -> System.err.println(LoopDump.of(loop))).unref();
 * loop.runUntilIdle();
 * }</pre>
 *
 * @since 0.1
 */
public final class LoopDump {
    private LoopDump() {}

    /**
     * Describes the registrations and timers of a loop. Calls no code of the program. Call from the
     * loop's thread; on other threads, {@link Uloop#submit} a call.
     *
     * @param loop the loop
     * @return its name and counts, followed by a line for each registered descriptor and timer with
     *     the class of the callback. A line tells if {@code unref} exempts it from idle runs. The
     *     last line counts unfinished futures, processes and fibers
     * @throws IllegalStateException if another thread runs the loop
     */
    public static String of(Uloop loop) {
        loop.checkThread();
        StringBuilder text = new StringBuilder(loop.toString());
        LoopAccess.of(loop).dump(text);
        return text.toString();
    }
}
