package io.uloop.poller.select;

import static io.uloop.poller.UEvent.IN;
import static io.uloop.poller.UEvent.NONE;
import static io.uloop.poller.UEvent.ONESHOT;
import static io.uloop.poller.UEvent.OUT;
import static io.uloop.poller.UEvent.PRI;
import static io.uloop.poller.UEvent.RDHUP;
import static org.assertj.core.api.Assertions.assertThat;

import io.uloop.poller.Errno;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SelectPollerTest extends SelectTest {
    private static final long DEADLINE_NANOS = TimeUnit.SECONDS.toNanos(60);

    private SelectPoller poller;

    @BeforeEach
    void openPoller() throws IOException {
        poller = poller();
    }

    private List<String> poll(long timeoutNanos) throws IOException {
        List<String> events = new ArrayList<>();
        int count =
                poller.poll(
                        timeoutNanos, (fd, bits) -> events.add(fd + ":" + UEvent.toString(bits)));
        assertThat(events).hasSize(count);
        return events;
    }

    private void assertSilent() throws IOException {
        assertThat(poll(TimeUnit.MILLISECONDS.toNanos(2))).isEmpty();
    }

    private static String event(int fd, int bits) {
        return fd + ":" + UEvent.toString(bits);
    }

    @Test
    void connectFinishedInSinkBecomesWritable() throws IOException {
        int listener = listener(IPV4, 1);
        int client = track(io.openStream(INET));
        io.connect(client, address(listener));
        poller.add(client, IN | OUT);
        List<Boolean> finished = new ArrayList<>();
        poller.poll(
                DEADLINE_NANOS,
                (fd, events) -> {
                    assertThat(events).isEqualTo(OUT);
                    finished.add(finishConnect(fd));
                });
        assertThat(finished).containsExactly(true);
        assertThat(poll(DEADLINE_NANOS)).containsExactly(event(client, OUT));
        poller.modify(client, IN);
        assertSilent();
    }

    private boolean finishConnect(int fd) {
        try {
            return io.finishConnect(fd);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void connectStartedAfterAddIsReported() throws IOException {
        int listener = listener(IPV4, 1);
        int client = track(io.openStream(INET));
        poller.add(client, NONE);
        assertSilent();
        io.connect(client, address(listener));
        assertSilent();
        poller.modify(client, OUT);
        assertThat(poll(DEADLINE_NANOS)).containsExactly(event(client, OUT));
        assertThat(io.finishConnect(client)).isTrue();
        poller.modify(client, NONE);
        assertSilent();
    }

    @Test
    void interestInInputAloneNeedsNoFinishConnect() throws IOException {
        int listener = listener(IPV4, 1);
        int client = connecting(listener);
        poller.add(client, IN);
        write(accept(listener), "x");
        assertThat(poll(DEADLINE_NANOS)).containsExactly(event(client, IN));
        assertThat(read(client, 1)).isEqualTo("x");
        assertSilent();
    }

    @Test
    void pendingConnectIsSilentUntilRefused() throws IOException {
        int listener = listener(IPV4, 1);
        SocketAddress remote = address(listener);
        connect(track(io.openStream(INET)), remote);
        connect(track(io.openStream(INET)), remote);
        int client = connecting(listener); // the backlog is full; the kernel retries later
        poller.add(client, IN | OUT);
        assertSilent();
        close(listener);
        assertThat(poll(DEADLINE_NANOS)).containsExactly(event(client, IN | OUT));
        assertFails(Errno.ECONNREFUSED, () -> io.finishConnect(client));
        assertSilent();
        poller.remove(client);
    }

    @Test
    void oneshotConnectIsReportedOnce() throws IOException {
        int listener = listener(IPV4, 1);
        int client = connecting(listener);
        poller.add(client, OUT | ONESHOT);
        assertThat(poll(DEADLINE_NANOS)).containsExactly(event(client, OUT));
        assertSilent();
        assertThat(io.finishConnect(client)).isTrue();
        assertSilent();
        poller.modify(client, OUT | ONESHOT);
        assertThat(poll(DEADLINE_NANOS)).containsExactly(event(client, OUT));
        assertSilent();
    }

    @Test
    void unsupportedBitsAreAcceptedButNeverReported() throws IOException {
        int[] ends = tcp();
        poller.add(ends[0], IN | PRI | RDHUP);
        close(ends[1]);
        assertThat(poll(DEADLINE_NANOS)).containsExactly(event(ends[0], IN));
        poller.modify(ends[0], PRI | RDHUP);
        assertSilent();
    }

    @Test
    void reAddBeforeWaitIsReportedOnce() throws IOException {
        int[] ends = pipe();
        write(ends[1], "x");
        for (int i = 0; i < 1000; i++) {
            poller.add(ends[0], i % 2 == 0 ? IN : NONE);
            poller.remove(ends[0]);
        }
        assertSilent();
        poller.add(ends[0], IN);
        assertThat(poll(0)).containsExactly(event(ends[0], IN));
        poller.remove(ends[0]);
        poller.add(ends[0], IN);
        assertThat(poll(0)).containsExactly(event(ends[0], IN));
    }

    @Test
    void reAddAfterWaitIsReported() throws IOException {
        int[] ends = pipe();
        write(ends[1], "x");
        for (int i = 0; i < 3; i++) {
            poller.add(ends[0], IN);
            assertThat(poll(0)).containsExactly(event(ends[0], IN));
            poller.remove(ends[0]);
            assertSilent();
        }
    }

    @Test
    void twoPollersWatchOneChannel() throws IOException {
        SelectPoller second = poller();
        int[] ends = pipe();
        poller.add(ends[0], IN);
        second.add(ends[0], IN | ONESHOT);
        write(ends[1], "x");
        assertThat(poll(DEADLINE_NANOS)).containsExactly(event(ends[0], IN));
        assertThat(second.poll(DEADLINE_NANOS, (fd, events) -> {})).isEqualTo(1);
        poller.remove(ends[0]);
        second.modify(ends[0], IN);
        assertThat(second.poll(DEADLINE_NANOS, (fd, events) -> {})).isEqualTo(1);
    }

    @Test
    void reusedNumberDoesNotInheritRegistration() throws IOException {
        int[] ends = pipe();
        poller.add(ends[0], IN);
        write(ends[1], "x");
        close(ends[0]);
        int successor = boundDatagram();
        assertThat(successor).isEqualTo(ends[0]);
        assertSilent();
        poller.add(successor, OUT);
        assertThat(poll(DEADLINE_NANOS)).containsExactly(event(successor, OUT));
    }

    @Test
    void blockingJdkChannelIsRejectedUntilNonBlocking() throws IOException {
        int listener = listener(IPV4, 1);
        SocketChannel channel = closing(SocketChannel.open(address(listener)));
        int fd = io.fileno(channel);
        assertThat(assertFails(Errno.EINVAL, () -> poller.add(fd, OUT)))
                .hasMessageContaining("configureBlocking(false)");
        channel.configureBlocking(false);
        poller.add(fd, OUT);
        assertThat(poll(DEADLINE_NANOS)).containsExactly(event(fd, OUT));
    }

    @Test
    void jdkChannelClosedByOwnerIsForgotten() throws IOException {
        SocketChannel channel = closing(SocketChannel.open());
        channel.configureBlocking(false);
        int fd = io.fileno(channel);
        poller.add(fd, IN | OUT);
        channel.close();
        assertSilent();
        assertFails(Errno.EBADF, () -> poller.modify(fd, IN));
        assertFails(Errno.ENOENT, () -> poller.remove(fd));
        assertFails(Errno.EBADF, () -> poller.add(fd, IN));
    }

    @Test
    void interruptEndsOneWaitOnly() throws IOException {
        Thread.currentThread().interrupt();
        try {
            assertThat(poll(-1)).isEmpty();
            long timeoutNanos = TimeUnit.MILLISECONDS.toNanos(20);
            long start = System.nanoTime();
            assertThat(poll(timeoutNanos)).isEmpty();
            assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(timeoutNanos);
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @Test
    void timeoutBelowMillisecondEnds() throws IOException {
        assertThat(poll(1)).isEmpty();
        assertThat(poll(999_999)).isEmpty();
    }
}
