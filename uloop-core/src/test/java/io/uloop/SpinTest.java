package io.uloop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.uloop.net.TcpChannel;
import io.uloop.poller.Descriptors;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.Assumptions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests the warnings about descriptors that keep the loop busy without progress. */
class SpinTest extends EachBackend {
    private static final Duration THRESHOLD = Duration.ofMillis(30);

    /** Long enough to detect a spin many times. */
    private static final long LONG_NANOS = 10 * THRESHOLD.toNanos();

    private final CapturedLog log = new CapturedLog("io.uloop");

    @BeforeEach
    void openWatchedLoop() throws IOException {
        loop.close();
        loop =
                closing(
                        Uloop.builder()
                                .poller(provider)
                                .name("tested")
                                .spinThreshold(THRESHOLD)
                                .build());
    }

    @AfterEach
    void closeLog() {
        log.close();
    }

    private static void nothing(int fd, int events) {}

    private void runUntilNamed() throws IOException {
        long start = System.nanoTime();
        while (log.messages().isEmpty()) {
            assertThat(System.nanoTime() - start).isLessThan(DEADLINE.toNanos());
            loop.runOnce(-1);
        }
        assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(THRESHOLD.toNanos());
        assertThat(log.records().get(0).getLevel().getName()).isEqualTo("WARNING");
    }

    private void runLong() throws IOException {
        long start = System.nanoTime();
        while (System.nanoTime() - start < LONG_NANOS) {
            loop.runOnce(TimeUnit.MILLISECONDS.toNanos(5));
        }
    }

    @Test
    void unreadInputIsLoggedWithHandlerAndAdvice() throws IOException {
        int fd = readablePipe();
        loop.add(fd, UEvent.IN, SpinTest::nothing);
        runUntilNamed();
        assertThat(log.messages().get(0))
                .matches(
                        "tested spins: fd="
                                + fd
                                + " \\(not a socket\\) was ready in each of \\d+ turns within"
                                + " \\d+ ms, last with IN, but only 0 reads, writes or accepts"
                                + " transferred anything; handler .*SpinTest.* must read .*");
    }

    @Test
    void unreadHangUpIsLogged() throws IOException {
        Descriptors.Pipe ends = pipe();
        loop.add(ends.readEnd(), UEvent.IN, SpinTest::nothing);
        close(ends.writeEnd());
        runUntilNamed();
        assertThat(log.messages().get(0)).contains("fd=" + ends.readEnd());
    }

    @Test
    void repeatedlyReadEndOfStreamIsLogged() throws IOException {
        Descriptors.Pipe ends = pipe();
        loop.add(ends.readEnd(), UEvent.IN, (fd, events) -> read(fd));
        close(ends.writeEnd());
        runUntilNamed();
        assertThat(log.messages().get(0)).contains("fd=" + ends.readEnd());
    }

    @Test
    void listenerThatDoesNotAcceptIsLoggedWithItsAddress() throws IOException {
        int listener = io.openListener(loopbackFamily());
        io.listen(listener, anyPort(), 5);
        loop.add(listener, UEvent.IN, SpinTest::nothing);
        closing(TcpChannel.connect(loop, io.localAddress(listener)));
        runUntilNamed();
        assertThat(log.messages().get(0))
                .contains("fd=" + listener + " (socket ")
                .contains("127.0.0.1")
                .contains("accept");
        io.close(listener);
    }

    @Test
    void permanentOutputInterestIsLoggedDespiteOccasionalReads() throws IOException {
        TcpChannel[] ends = connection();
        ByteBuffer some = ByteBuffer.allocate(100);
        loop.add(
                ends[1].fd(),
                UEvent.IN | UEvent.OUT,
                (fd, events) -> {
                    if ((events & UEvent.IN) != 0) {
                        io.read(fd, some.clear());
                    }
                });
        int[] turns = new int[1];
        loop.beforePoll( // counts turns, because a slow machine runs few of them in a
                // millisecond
                () -> {
                    if (++turns[0] % 500 == 0) {
                        io.write(ends[0].fd(), bytes("tick"));
                    }
                });
        runUntilNamed();
        assertThat(log.messages().get(0))
                .contains("fd=" + ends[1].fd())
                .contains("take OUT out of the interest");
    }

    @Test
    void onlyTheSpinningDescriptorIsLogged() throws IOException {
        Descriptors.Pipe ends = pipe();
        ByteBuffer some = ByteBuffer.allocateDirect(4096);
        loop.add(ends.writeEnd(), UEvent.OUT, (fd, events) -> io.write(fd, some.clear()));
        loop.add(ends.readEnd(), UEvent.IN, (fd, events) -> io.read(fd, some.clear()));
        int spinning = readablePipe();
        loop.add(spinning, UEvent.IN, SpinTest::nothing);
        runUntilNamed();
        runLong();
        assertThat(log.messages()).hasSize(1);
        assertThat(log.messages().get(0)).contains("fd=" + spinning);
    }

    @Test
    void spinIsLoggedOnceAMinute() throws IOException {
        loop.add(readablePipe(), UEvent.IN, SpinTest::nothing);
        runUntilNamed();
        runLong();
        assertThat(log.messages()).hasSize(1);
    }

    @Test
    void bulkTransferIsNotLogged() throws IOException {
        TcpChannel[] ends = connection();
        ByteBuffer out = ByteBuffer.allocateDirect(1 << 14);
        ByteBuffer in = ByteBuffer.allocateDirect(1 << 12);
        loop.add(ends[0].fd(), UEvent.OUT, (fd, events) -> io.write(fd, out.clear()));
        loop.add(ends[1].fd(), UEvent.IN, (fd, events) -> io.read(fd, in.clear()));
        runLong();
        assertThat(log.messages()).isEmpty();
    }

    @Test
    void pingPongIsNotLogged() throws IOException {
        TcpChannel[] ends = connection();
        ByteBuffer ball = ByteBuffer.allocateDirect(8);
        EventHandler player =
                (fd, events) -> {
                    io.read(fd, ball.clear());
                    io.write(fd, ball.flip());
                };
        loop.add(ends[0].fd(), UEvent.IN, player);
        loop.add(ends[1].fd(), UEvent.IN, player);
        io.write(ends[0].fd(), bytes("ball"));
        runLong();
        assertThat(loop.metrics().events()).isGreaterThan(100);
        assertThat(log.messages()).isEmpty();
    }

    @Test
    void handlerThatPausesAndResumesIsNotLogged() throws IOException {
        int fd = readablePipe();
        loop.add(fd, UEvent.IN, (ready, events) -> loop.modify(ready, UEvent.IN));
        runLong();
        assertThat(log.messages()).isEmpty();
    }

    @Test
    void descriptorAddedAgainEachTimeIsNotLogged() throws IOException {
        int fd = readablePipe();
        EventHandler again =
                new EventHandler() {
                    @Override
                    public void processEvent(int ready, int events) throws IOException {
                        loop.remove(ready);
                        loop.add(ready, UEvent.IN, this);
                    }
                };
        loop.add(fd, UEvent.IN, again);
        runLong();
        assertThat(log.messages()).isEmpty();
    }

    @Test
    void edgeTriggeredDescriptorIsNotLogged() throws IOException {
        Assumptions.assumeThat(provider.supportedEvents() & UEvent.EDGE).isNotZero();
        Descriptors.Pipe ends = pipe();
        loop.add(ends.readEnd(), UEvent.IN | UEvent.EDGE, SpinTest::nothing);
        ByteBuffer one = ByteBuffer.allocateDirect(1);
        int[] filled = new int[1];
        loop.beforePoll(
                () -> {
                    if (filled[0]++ < 60_000) {
                        io.write(ends.writeEnd(), one.clear());
                    }
                });
        runLong();
        assertThat(log.messages()).isEmpty();
    }

    @Test
    void jdkChannelIsNotLogged() throws IOException {
        Pipe pipe = Pipe.open();
        closing(pipe.source());
        closing(pipe.sink());
        pipe.sink().write(bytes("x"));
        pipe.source().configureBlocking(false);
        Registration registration = loop.add(pipe.source(), UEvent.IN, SpinTest::nothing);
        runLong();
        registration.modify(UEvent.IN);
        runLong();
        assertThat(log.messages()).isEmpty();
        registration.close();
    }

    @Test
    void zeroThresholdTurnsDetectionOff() throws IOException {
        Uloop unwatched =
                closing(Uloop.builder().poller(provider).spinThreshold(Duration.ZERO).build());
        unwatched.add(readablePipe(), UEvent.IN, SpinTest::nothing);
        long start = System.nanoTime();
        while (System.nanoTime() - start < LONG_NANOS) {
            unwatched.runOnce(-1);
        }
        assertThat(log.messages()).isEmpty();
        assertThatThrownBy(() -> Uloop.builder().spinThreshold(Duration.ofMillis(-1)))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
