package io.uloop.fiber;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.uloop.EachBackend;
import io.uloop.Timer;
import io.uloop.poller.NativeDescriptors;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;

/**
 * Base of the tests of fibers, which run once per usable backend and, by {@link EachMode}, mode.
 */
class EachFiber extends EachBackend {
    private static final Duration LIMIT = DEADLINE.multipliedBy(2);

    /** The mode under test. Set before the test by {@link EachMode}. */
    FiberMode mode;

    /** Fibers on the loop of the test. */
    protected Fibers fibers;

    @BeforeEach
    protected void openFibers() throws IOException {
        fibers = Fibers.on(loop, mode);
    }

    /** Runs code in a fiber, and the loop until no fiber is left. Throws what the code throws. */
    protected void run(FiberTask code) throws Exception {
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        fibers.start(
                "test",
                () -> {
                    try {
                        code.run();
                    } catch (Throwable e) { // for the test's thread
                        thrown.set(e);
                        loop.stop();
                    }
                });
        runFibers();
        if (thrown.get() instanceof Exception e) {
            throw e;
        }
        if (thrown.get() instanceof Error e) {
            throw e;
        }
    }

    /** Runs the loop until no fiber is left. */
    protected void runFibers() throws IOException {
        AtomicReference<String> late = new AtomicReference<>();
        Timer deadline =
                loop.callLater(
                        LIMIT,
                        () -> {
                            late.set(fibers.dump());
                            loop.stop();
                        });
        try {
            fibers.run();
        } finally {
            if (loop.isOpen()) {
                deadline.close();
            }
        }
        assertThat(late.get()).as("fibers left after " + LIMIT).isNull();
    }

    /** Starts a fiber that returns what its code throws, or null. */
    protected Fiber<Throwable> startFailing(String name, Callable<?> code) {
        return fibers.start(
                name,
                () -> {
                    try {
                        var unused = code.call();
                        return null;
                    } catch (Exception e) {
                        return e;
                    }
                });
    }

    /** Waits in a fiber until a condition holds, while the loop continues. */
    protected void await(Goal goal) throws IOException, InterruptedException {
        long start = System.nanoTime();
        while (!goal.isReached()) {
            assertThat(System.nanoTime() - start).isLessThan(DEADLINE.toNanos());
            fibers.sleep(Duration.ofMillis(1));
        }
    }

    /** Waits in a fiber until another one has a state. */
    protected void awaitState(Fiber<?> fiber, FiberState state) throws Exception {
        await(() -> fiber.info().state() == state);
        settle();
    }

    /** Lets what the loop has been asked to do happen. */
    protected void settle() throws InterruptedException, IOException {
        if (mode != FiberMode.LOOP) {
            try {
                loop.submit(() -> null).get();
            } catch (java.util.concurrent.ExecutionException e) {
                throw new IOException(e);
            }
        }
    }

    /** Both ends of a connection. */
    protected record Pair(FiberSocket client, FiberSocket server) {}

    /** Which sockets a test uses. */
    protected enum Family {
        TCP,
        UNIX
    }

    /** Opens a listener that is closed after the test. */
    protected FiberListener listener(Family family) throws IOException {
        SocketAddress address =
                family == Family.TCP
                        ? anyPort()
                        : UnixDomainSocketAddress.of(
                                directory().resolve("listener" + System.nanoTime()));
        return closing(FiberListener.open(fibers, address));
    }

    /** Connects two sockets in a fiber. They are closed after the test. */
    protected Pair pair(Family family) throws IOException {
        FiberListener listener = listener(family);
        FiberSocket client = closing(FiberSocket.connect(fibers, listener.getLocalAddress()));
        FiberSocket server = closing(listener.accept());
        listener.close();
        return new Pair(client, server);
    }

    /** Connects two TCP sockets in a fiber. They are closed after the test. */
    protected Pair pair() throws IOException {
        return pair(Family.TCP);
    }

    /** Writes until the socket has no more room. Returns the number of bytes. */
    protected static long fill(FiberSocket socket) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocateDirect(1 << 16);
        long total = 0;
        for (int idle = 0; idle < 3; ) {
            int count = socket.channel().write(bytes.clear());
            total += count;
            idle = count > 0 ? 0 : idle + 1;
        }
        return total;
    }

    protected boolean isNative() {
        return provider.isNative();
    }

    protected NativeDescriptors nativeDescriptors() {
        assumeTrue(isNative(), "needs file descriptors");
        return NativeDescriptors.of(provider);
    }

    /** {@return bytes that differ from those of another seed} */
    protected static byte[] random(long seed, int length) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    /** Calls code whose exception fails the test. */
    protected static <T> T value(Callable<T> code) {
        try {
            return code.call();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
