package io.uloop.fiber;

import io.uloop.Uloop;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * Measures many fibers: asleep, parked on sockets whose both ends are in this process, and started
 * one after the other. Prints memory and CPU time per fiber.
 *
 * <pre>{@code java io.uloop.fiber.FiberScale MODE ASLEEP CONNECTIONS STARTED}</pre>
 */
public final class FiberScale {
    private static final Duration LONG = Duration.ofDays(1);
    private static final Duration PAUSE = Duration.ofMillis(1);
    private static final int BURST = 1_000;

    private final Uloop loop;
    private final Fibers fibers;

    private FiberScale(Uloop loop, FiberMode mode) {
        this.loop = loop;
        fibers = Fibers.on(loop, mode);
    }

    public static void main(String[] arguments) throws Exception {
        FiberMode mode = FiberMode.valueOf(arguments[0]);
        int asleep = Integer.parseInt(arguments[1]);
        int connections = Integer.parseInt(arguments[2]);
        int started = Integer.parseInt(arguments[3]);
        try (Uloop loop = Uloop.open()) {
            FiberScale scale = new FiberScale(loop, mode);
            Fiber<?> main =
                    scale.fibers.start(
                            "main",
                            () -> {
                                scale.sleep(Math.min(asleep, BURST), false); // loads classes
                                scale.park(Math.min(connections, 10), false);
                                scale.sleep(asleep, true);
                                scale.park(connections, true);
                                scale.startAll(Math.min(started, 100 * BURST), false);
                                scale.startAll(started, true);
                            });
            scale.fibers.run();
            main.join();
            System.out.println(scale.fibers.metrics());
        }
    }

    private void sleep(int count, boolean isPrinted) throws Exception {
        long before = heap();
        List<Fiber<?>> all = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            all.add(fibers.start("sleeper", () -> fibers.sleep(LONG)));
        }
        await(() -> loop.metrics().timers() >= count);
        print(isPrinted, "asleep", count, before);
        end(all);
    }

    private void park(int connections, boolean isPrinted) throws Exception {
        long before = heap();
        List<FiberSocket> sockets = new ArrayList<>(2 * connections);
        List<Fiber<?>> all = new ArrayList<>(2 * connections);
        InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        try (FiberListener listener = FiberListener.open(fibers, any)) {
            for (int i = 0; i < connections; i++) {
                sockets.add(FiberSocket.connect(fibers, listener.getLocalAddress()));
                sockets.add(listener.accept());
            }
        }
        print(isPrinted, "open sockets without fibers", sockets.size(), before);
        long opened = heap();
        for (FiberSocket each : sockets) {
            all.add(fibers.start("reader", () -> each.read(ByteBuffer.allocate(1))));
        }
        await(() -> loop.metrics().descriptors() >= sockets.size());
        print(isPrinted, "parked on sockets", sockets.size(), opened);
        end(all);
        for (FiberSocket each : sockets) {
            each.close();
        }
    }

    private void startAll(int count, boolean isPrinted) throws Exception {
        long before = fibers.metrics().finished();
        long start = System.nanoTime();
        long cpu = cpuNanos();
        for (int i = 0; i < count; i += BURST) {
            for (int j = 0; j < BURST; j++) {
                fibers.start("short", () -> {});
            }
            await(() -> fibers.metrics().live() == 1);
        }
        long nanos = System.nanoTime() - start;
        long ended = fibers.metrics().finished() - before;
        if (isPrinted) {
            System.out.printf(
                    "%d fibers started and ended: %d ns of CPU time and %d ns each%n",
                    ended, (cpuNanos() - cpu) / ended, nanos / ended);
        }
    }

    private void end(List<Fiber<?>> all) throws Exception {
        all.forEach(Fiber::interrupt);
        all.clear();
        await(() -> fibers.metrics().live() == 1);
    }

    private void await(BooleanSupplier condition) throws InterruptedException {
        fibers.sleep(Duration.ZERO);
        while (!condition.getAsBoolean()) {
            fibers.sleep(PAUSE);
        }
    }

    private static void print(boolean isPrinted, String what, int count, long before)
            throws IOException {
        if (isPrinted && count > 0) {
            System.out.printf(
                    "%d %s: %d bytes of heap each, resident %d KiB%n",
                    count, what, (heap() - before) / count, residentKib());
        }
    }

    private static long heap() {
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    private static long cpuNanos() {
        return ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO).toNanos();
    }

    /** Returns 0 on systems without /proc. */
    private static long residentKib() throws IOException {
        Path status = Path.of("/proc/self/status");
        if (!Files.exists(status)) {
            return 0;
        }
        for (String line : Files.readAllLines(status)) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("\\D", ""));
            }
        }
        return 0;
    }
}
