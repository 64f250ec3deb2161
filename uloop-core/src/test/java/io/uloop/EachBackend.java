package io.uloop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.uloop.net.TcpChannel;
import io.uloop.net.TcpListener;
import io.uloop.poller.Descriptors;
import io.uloop.poller.PollerProvider;
import io.uloop.poller.tck.NoDescriptorLeak;
import io.uloop.poller.tck.Scene;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Base of tests that run once per usable backend: a loop, and helpers that use it. */
@ParameterizedClass(name = "{0}")
@MethodSource("io.uloop.poller.tck.Backends#named")
@ExtendWith(NoDescriptorLeak.class)
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
public class EachBackend extends Scene {
    static {
        Awaitility.setDefaultTimeout(DEADLINE);
        Awaitility.setDefaultPollDelay(Duration.ZERO);
        Awaitility.setDefaultPollInterval(Duration.ofMillis(5));
    }

    /** The backend under test. */
    @Parameter protected PollerProvider provider;

    /** A loop on that backend, closed after the test. */
    protected Uloop loop;

    /** The backend's I/O. */
    protected Descriptors io;

    /** Exceptions thrown by callbacks. A test that expects some must clear it. */
    protected final List<Exception> failures = new ArrayList<>();

    @Override
    protected PollerProvider provider() {
        return provider;
    }

    /** Opens the loop after the JDK and the backend have opened what they keep. */
    @BeforeEach
    protected void openLoop() throws IOException {
        loop = build(provider);
        io = loop.descriptors();
    }

    /** Closes the loop and the test's descriptors. Checks that nothing failed unexpectedly. */
    @AfterEach
    protected void closeLoop() throws Exception {
        loop.close();
        clear();
        assertThat(failures).isEmpty();
    }

    /** {@return an IPv6 address of this machine} */
    protected static InetSocketAddress ipv6Loopback(int port) {
        byte[] bytes = new byte[16];
        bytes[15] = 1;
        return address(bytes, port);
    }

    /** {@return the address with these bytes} */
    protected static InetSocketAddress address(byte[] bytes, int port) {
        try {
            return new InetSocketAddress(InetAddress.getByAddress(bytes), port);
        } catch (UnknownHostException e) {
            throw new AssertionError("an address of 4 or 16 bytes is legal", e);
        }
    }

    /** Opens a loop that collects failures and is closed after the test. */
    protected Uloop build(PollerProvider backend) throws IOException {
        return closing(
                Uloop.builder()
                        .poller(backend)
                        .errorHandler((where, source, error) -> failures.add(error))
                        .build());
    }

    /** Reuses the closed number of a {@link #highPipe} for a readable socket. */
    protected void reopen(int number) throws IOException {
        reuse(number);
        io.bind(number, loopback(0));
        io.send(number, bytes("x"), address(number));
    }

    /** Returns the read end of a pipe, readable until it is drained; see {@link #highPipe}. */
    protected int readablePipe() throws IOException {
        Descriptors.Pipe ends = highPipe();
        write(ends.writeEnd(), "x");
        return ends.readEnd();
    }

    protected static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
    }

    /** {@return the bytes written to a buffer, as text} */
    protected static String text(ByteBuffer filled) {
        return StandardCharsets.US_ASCII.decode(filled.duplicate().flip()).toString();
    }

    /** {@return a loopback address with any port} */
    protected static InetSocketAddress anyPort() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    /** A condition that the loop makes true. */
    @FunctionalInterface
    protected interface Goal {
        boolean isReached() throws IOException;
    }

    /** Runs turns on this thread until a condition holds. */
    protected void runUntil(Goal goal) throws IOException {
        long start = System.nanoTime();
        while (!goal.isReached()) {
            assertThat(System.nanoTime() - start).isLessThan(DEADLINE.toNanos());
            loop.runOnce(TimeUnit.MILLISECONDS.toNanos(20));
        }
    }

    /**
     * Reads the remaining bytes and checks that ECONNRESET follows rather than the end of the
     * stream.
     */
    protected void assertReset(TcpChannel peer) {
        ByteBuffer target = ByteBuffer.allocateDirect(1 << 20);
        Goal ended = () -> peer.finishConnect() && peer.read(target.clear()) < 0;
        assertThatThrownBy(() -> runUntil(ended)).hasMessageContaining("ECONNRESET");
    }

    /** Runs the loop until it is stopped. Records a failure and stops it if that takes too long. */
    protected void runToStop() throws IOException {
        Timer deadline =
                loop.callLater(
                        DEADLINE,
                        () -> {
                            failures.add(new IllegalStateException("not stopped in time"));
                            loop.stop();
                        });
        loop.run();
        deadline.close();
    }

    /** Runs the loop until another thread has run the action. */
    protected void onAnotherThreadWhileTheLoopRuns(ThrowingRunnable action) throws Exception {
        CompletableFuture<Void> done = new CompletableFuture<>();
        Runnable work =
                () -> {
                    try {
                        action.run();
                        done.complete(null);
                    } catch (Throwable e) {
                        done.completeExceptionally(e);
                    }
                };
        Thread thread = new Thread(work);
        loop.execute(thread::start);
        loop.runUntil(done);
        thread.join();
    }

    /** An action that may throw. */
    @FunctionalInterface
    protected interface ThrowingRunnable {
        void run() throws Exception;
    }

    /** Returns both ends of a TCP connection on loopback, closed after the test. */
    protected TcpChannel[] connection() throws IOException {
        try (TcpListener listener = TcpListener.open(loop, anyPort())) {
            TcpChannel client = closing(TcpChannel.connect(loop, listener.getLocalAddress()));
            List<TcpChannel> server = new ArrayList<>();
            listener.register(server::add);
            runUntil(() -> !server.isEmpty());
            runUntil(client::finishConnect);
            return new TcpChannel[] {client, closing(server.get(0))};
        }
    }

    /** Accepts the next connection of a listener. It may arrive after the client is connected. */
    protected TcpChannel accept(TcpListener listener) throws IOException {
        TcpChannel[] accepted = new TcpChannel[1];
        runUntil(() -> (accepted[0] = listener.accept()) != null);
        return closing(accepted[0]);
    }

    /**
     * Returns an address that refuses connections: its port is bound, but no socket listens on it.
     */
    protected InetSocketAddress refusing() throws IOException {
        TcpChannel silent = closing(TcpChannel.open(loop, loopbackFamily()));
        return (InetSocketAddress) silent.bind(anyPort()).getLocalAddress();
    }

    /** A call that may throw an IOException where none is allowed. */
    @FunctionalInterface
    protected interface Call<T> {
        T call() throws IOException;
    }

    /** Runs a call. An IOException fails the test. */
    protected static <T> T unchecked(Call<T> call) {
        try {
            return call.call();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** {@return the family of {@link #anyPort}} */
    protected static StandardProtocolFamily loopbackFamily() {
        return InetAddress.getLoopbackAddress().getAddress().length == 4
                ? StandardProtocolFamily.INET
                : StandardProtocolFamily.INET6;
    }
}
