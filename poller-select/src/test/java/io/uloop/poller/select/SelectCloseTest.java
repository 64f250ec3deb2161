package io.uloop.poller.select;

import static io.uloop.poller.UEvent.IN;
import static io.uloop.poller.UEvent.NONE;
import static io.uloop.poller.UEvent.OUT;
import static io.uloop.poller.tck.Waiting.until;
import static org.assertj.core.api.Assertions.assertThat;

import io.uloop.poller.ClosedPollerException;
import io.uloop.poller.Errno;
import io.uloop.poller.tck.Ends;
import io.uloop.poller.tck.OpenDescriptors;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.util.SortedMap;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Tests that close by number takes effect at once, although a selector keeps closed channels open
 * until its next selection.
 */
class SelectCloseTest extends SelectTest {
    private SelectPoller poller;

    @BeforeEach
    void openPoller() throws IOException {
        poller = poller();
    }

    private void registerAndPoll(int fd, int interest) throws IOException {
        poller.add(fd, interest);
        poller.poll(0, (ready, events) -> {});
    }

    private FutureTask<Void> pollInBackground(SelectPoller polled) {
        FutureTask<Void> polling =
                new FutureTask<>(
                        () -> {
                            try {
                                while (polled.isOpen()) {
                                    polled.poll(-1, (fd, events) -> {});
                                }
                            } catch (ClosedPollerException e) {
                                // Closed between the check and the poll.
                            }
                            return null;
                        });
        Thread thread = new Thread(polling, "polls until closed");
        thread.setDaemon(true);
        thread.start();
        return polling;
    }

    @Test
    void closeEndsPipeWithoutAnotherPoll() throws IOException {
        int[] removed = pipe();
        registerAndPoll(removed[1], OUT);
        poller.remove(removed[1]);
        close(removed[1]);
        assertThat(read(removed[0])).isEqualTo(-1);
        int[] registered = pipe();
        registerAndPoll(registered[1], OUT);
        close(registered[1]);
        assertThat(read(registered[0])).isEqualTo(-1);
    }

    @Test
    void closedListenerReleasesPort() throws IOException {
        int listener = listener(IPV4, 1);
        SocketAddress local = address(listener);
        registerAndPoll(listener, IN);
        poller.remove(listener);
        close(listener);
        int successor = track(io.openListener(INET));
        io.listen(successor, local, 1);
        assertThat(address(successor)).isEqualTo(local);
    }

    @Test
    void closeOfRegisteredSocketObeysLinger() throws IOException {
        int[] ends = tcp();
        registerAndPoll(ends[1], IN);
        io.setOption(ends[1], StandardSocketOptions.SO_LINGER, 0);
        close(ends[1]);
        assertFails(Errno.ECONNRESET, () -> until(() -> read(ends[0]) != 0));
    }

    @Test
    void closeReleasesChannelFromEveryPoller() throws IOException {
        SelectPoller second = poller();
        int[] ends = pipe();
        registerAndPoll(ends[1], OUT);
        second.add(ends[1], OUT);
        close(ends[1]);
        assertThat(read(ends[0])).isEqualTo(-1);
    }

    @Test
    void failedConnectReleasesSocketBeforeClose() throws IOException {
        SocketAddress nobody = refusing();
        SortedMap<Integer, String> before = OpenDescriptors.now();
        int client = track(io.openStream(INET));
        poller.add(client, NONE);
        assertFails(Errno.ECONNREFUSED, () -> connect(client, nobody));
        assertThat(OpenDescriptors.since(before)).isEmpty();
    }

    @Test
    void closeMakesWaitingThreadReleaseChannel() throws Exception {
        int[] ends = pipe();
        poller.add(ends[0], IN);
        FutureTask<Void> polling = pollInBackground(poller);
        close(ends[0]);
        assertFails(
                Errno.EPIPE,
                () ->
                        until(
                                () -> {
                                    write(ends[1], "x");
                                    return false;
                                }));
        poller.close();
        polling.get(60, TimeUnit.SECONDS);
    }

    @Test
    void closeInsideSinkEndsPipeAtOnce() throws IOException {
        int[] ends = pipe();
        poller.add(ends[1], OUT);
        int delivered =
                poller.poll(
                        -1,
                        (fd, events) -> {
                            try {
                                poller.remove(fd);
                                close(fd);
                                assertThat(read(ends[0])).isEqualTo(-1);
                            } catch (IOException e) {
                                throw new AssertionError(e);
                            }
                        });
        assertThat(delivered).isEqualTo(1);
    }

    @Test
    void closesDuringWaitLeaveNothingOpen() throws Exception {
        SelectPoller mine = poller();
        SortedMap<Integer, String> before = OpenDescriptors.now();
        int[][] pipes = new int[500][];
        for (int i = 0; i < pipes.length; i++) {
            pipes[i] = Ends.of(io.pipe());
            poller.add(pipes[i][0], IN);
            mine.add(pipes[i][1], OUT);
        }
        FutureTask<Void> polling = pollInBackground(poller);
        for (int[] ends : pipes) {
            assertThat(mine.poll(-1, (fd, events) -> {})).isPositive();
            poller.wakeup();
            io.close(ends[0]);
            io.close(ends[1]);
        }
        OpenDescriptors.assertNoneSince(before);
        poller.close();
        polling.get(60, TimeUnit.SECONDS);
    }

    @Test
    void closedPollerHoldsNoChannel() throws IOException {
        int[] ends = pipe();
        poller.add(ends[1], OUT);
        poller.close();
        close(ends[1]);
        assertThat(read(ends[0])).isEqualTo(-1);
    }

    @Test
    void thousandPollersLeaveNothingOpen() throws IOException {
        int[] ends = pipe();
        for (int i = 0; i < 1000; i++) {
            try (SelectPoller polled = (SelectPoller) io.openPoller()) {
                polled.add(ends[1], OUT);
                assertThat(polled.poll(-1, (fd, events) -> {})).isEqualTo(1);
            }
        }
    }
}
