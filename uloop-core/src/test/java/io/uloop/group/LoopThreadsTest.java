package io.uloop.group;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.uloop.CapturedLog;
import io.uloop.EachBackend;
import io.uloop.Uloop;
import io.uloop.net.TcpChannel;
import io.uloop.poller.Errno;
import io.uloop.poller.NativeDescriptors;
import io.uloop.poller.NativeProcesses;
import io.uloop.poller.PollerException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Tests the threads of a group, their processors, and the replacement of failed loops. */
class LoopThreadsTest extends EachBackend {
    private final List<String> seen = new CopyOnWriteArrayList<>();

    private UloopGroupBuilder builder(int size) {
        return UloopGroup.builder()
                .name("of the test")
                .size(size)
                .eachLoop(each -> each.poller(provider));
    }

    private static void fail(Uloop loop) {
        loop.execute(
                () -> {
                    throw new AssertionError("of the test");
                });
    }

    /** Waits until a loop replaces the given one. */
    private static Uloop replacement(UloopGroup group, int index, Uloop failed) {
        Awaitility.await().until(() -> group.loop(index) != failed);
        return group.loop(index);
    }

    @Test
    void daemonFlagAppliesToTheThreads() throws Exception {
        for (boolean daemon : new boolean[] {false, true}) {
            try (UloopGroup group = builder(1).daemon(daemon).build()) {
                assertThat(group.loop(0).submit(() -> Thread.currentThread().isDaemon()).get())
                        .isEqualTo(daemon);
            }
        }
    }

    @Test
    void factoryCreatesTheThreads() throws Exception {
        AtomicInteger count = new AtomicInteger();
        try (UloopGroup group =
                builder(2)
                        .threadFactory(body -> new Thread(body, "made " + count.incrementAndGet()))
                        .build()) {
            for (int i = 0; i < 2; i++) {
                assertThat(group.loop(i).submit(() -> Thread.currentThread().getName()).get())
                        .isEqualTo("made " + (i + 1));
            }
        }
    }

    @Test
    void factoryWithoutAThreadIsRejected() {
        AtomicInteger left = new AtomicInteger(1);
        UloopGroupBuilder stingy =
                builder(2)
                        .threadFactory(
                                body -> left.getAndDecrement() > 0 ? new Thread(body) : null);
        assertThatThrownBy(stingy::build)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("returned no thread for the loop of the test-1");
    }

    @Test
    void startHandlerRunsOnTheLoopsThreadBeforeTheLoop() throws Exception {
        try (UloopGroup group =
                builder(2)
                        .startHandler(
                                (index, loop) -> {
                                    seen.add(index + " " + Thread.currentThread().getName());
                                    loop.callSoon(() -> seen.add(index + " task"));
                                })
                        .build()) {
            for (int i = 0; i < 2; i++) {
                group.loop(i).submit(() -> true).get();
            }
            assertThat(seen)
                    .containsSubsequence("0 of the test-0", "0 task")
                    .containsSubsequence("1 of the test-1", "1 task")
                    .hasSize(4);
        }
    }

    @Test
    void failingStartHandlerEndsItsLoop() throws Exception {
        try (CapturedLog log = new CapturedLog("io.uloop");
                UloopGroup group =
                        builder(2)
                                .startHandler(
                                        (index, loop) -> {
                                            if (index == 0) {
                                                throw new IOException("expected");
                                            }
                                        })
                                .build()) {
            Awaitility.await().until(() -> group.failure(0) != null);
            assertThat(group.failure(0)).hasMessage("expected");
            assertThat(group.next()).isSameAs(group.loop(1));
            Awaitility.await().until(() -> !log.messages().isEmpty()); // after the failure is kept
        }
    }

    /** {@return the processors that this thread may use} Skips the test if they cannot be set. */
    private BitSet available() throws IOException {
        assumeTrue(System.getProperty("os.name").equals("Linux"));
        assumeTrue(io instanceof NativeDescriptors);
        return NativeDescriptors.of(provider).processes().affinity();
    }

    @Test
    void loopsAreBoundToProcessors() throws Exception {
        BitSet available = available();
        int first = available.nextSetBit(0);
        int last = available.length() - 1;
        NativeProcesses processes = NativeDescriptors.of(provider).processes();
        try (UloopGroup group = builder(3).processors(first, last).build()) {
            for (int i = 0; i < 3; i++) {
                BitSet expected = new BitSet();
                expected.set(i == 1 ? last : first);
                assertThat(group.loop(i).submit(processes::affinity).get()).isEqualTo(expected);
            }
        }
        assertThat(processes.affinity()).isEqualTo(available);
    }

    @Test
    void missingProcessorIsRejected() throws Exception {
        available();
        for (int missing : new int[] {8191, 8192}) {
            assertThatThrownBy(() -> builder(2).processors(missing).build())
                    .isInstanceOf(PollerException.class)
                    .extracting(e -> ((PollerException) e).errno())
                    .isEqualTo(Errno.EINVAL);
        }
        assertThatThrownBy(() -> builder(1).processors(-1))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void bindingOnSelectIsRejected() {
        assumeTrue(!(io instanceof NativeDescriptors));
        assertThatThrownBy(() -> builder(1).processors(0).build())
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("use a native backend");
    }

    @Test
    void failedLoopIsReplacedAtItsIndex() throws Exception {
        try (CapturedLog log = new CapturedLog("io.uloop");
                UloopGroup group =
                        builder(2)
                                .replaceFailed(3)
                                .failureHandler((where, index, e) -> seen.add("failed " + index))
                                .startHandler((index, l) -> seen.add("started " + index))
                                .build()) {
            Uloop failed = group.loop(1);
            group.atEnd(1, () -> seen.add("ended"));
            fail(failed);
            Uloop fresh = replacement(group, 1, failed);
            assertThat(fresh.submit(() -> Thread.currentThread().getName()).get())
                    .isEqualTo("of the test-1");
            assertThat(failed.isOpen()).isFalse();
            assertThat(group.failure(1)).isNull();
            assertThat(List.of(group.next(), group.next())).contains(fresh);
            assertThat(seen)
                    .containsExactly("started 0", "started 1", "failed 1", "ended", "started 1");
            assertThat(group.shutdown(DEADLINE)).isTrue();
            assertThat(log.messages()).anyMatch(line -> line.contains("replaces one that failed"));
        }
    }

    @Test
    void tooManyFailuresAreNotReplaced() throws Exception {
        try (CapturedLog log = new CapturedLog("io.uloop");
                UloopGroup group = builder(1).replaceFailed(2).build()) {
            for (int i = 0; i < 2; i++) {
                Uloop failed = group.loop(0);
                fail(failed);
                replacement(group, 0, failed);
            }
            Uloop last = group.loop(0);
            fail(last);
            Awaitility.await().until(() -> group.failure(0) != null);
            assertThat(group.shutdown(DEADLINE)).isFalse();
            assertThat(group.loop(0)).isSameAs(last);
            assertThat(log.messages()).isNotEmpty();
        }
    }

    @Test
    void replacementWithoutAThreadIsClosedAndSkipped() throws Exception {
        AtomicInteger starts = new AtomicInteger();
        try (CapturedLog log = new CapturedLog("io.uloop");
                UloopGroup group =
                        builder(2)
                                .replaceFailed(3)
                                .threadFactory(body -> new LimitedThread(body, starts))
                                .build()) {
            Uloop failed = group.loop(0);
            fail(failed);
            Uloop fresh = replacement(group, 0, failed);
            Awaitility.await().until(() -> !fresh.isOpen());
            assertThat(group.failure(0)).hasMessage("no third thread");
            assertThat(List.of(group.next(), group.next())).containsOnly(group.loop(1));
            Awaitility.await()
                    .until(() -> log.messages().toString().contains("cannot replace loop 0"));
        }
    }

    /** A thread of which only two can be started. */
    private static final class LimitedThread extends Thread {
        private final AtomicInteger starts;

        LimitedThread(Runnable body, AtomicInteger starts) {
            super(body);
            this.starts = starts;
        }

        @Override
        public void start() {
            if (starts.incrementAndGet() > 2) {
                throw new OutOfMemoryError("no third thread");
            }
            super.start();
        }
    }

    @Test
    void listenerThatFailsOnAReplacementDoesNotAffectOthers() throws Exception {
        assumeTrue(System.getProperty("os.name").equals("Linux"), "the kernel spreads connections");
        AtomicInteger prepared = new AtomicInteger();
        try (CapturedLog log = new CapturedLog("io.uloop");
                UloopGroup group = builder(1).replaceFailed(5).build()) {
            GroupListener failing =
                    GroupListener.open(
                            group,
                            anyPort(),
                            Spread.SHARED_PORT,
                            listener -> {
                                if (prepared.incrementAndGet() > 1) {
                                    throw new IOException("expected");
                                }
                            },
                            TcpChannel::close);
            GroupListener other =
                    GroupListener.open(group, anyPort(), Spread.SHARED_PORT, TcpChannel::close);
            Uloop failed = group.loop(0);
            fail(failed);
            replacement(group, 0, failed);
            Awaitility.await()
                    .until(
                            () -> {
                                try (Socket client = new Socket()) {
                                    client.connect(other.localAddress());
                                    return true;
                                } catch (ConnectException e) {
                                    return false;
                                }
                            });
            assertThat(log.messages())
                    .anyMatch(line -> line.contains("cannot listen on " + failing.localAddress()));
        }
    }

    @Test
    void closedLoopAndEndingGroupAreNotReplaced() throws Exception {
        UloopGroup group = builder(1).replaceFailed(5).build();
        Uloop closed = group.loop(0);
        closed.close();
        assertThat(group.shutdown(DEADLINE)).isTrue();
        assertThat(group.loop(0)).isSameAs(closed);
    }

    @Test
    void listenerWithASharedPortListensOnTheReplacement() throws Exception {
        assumeTrue(System.getProperty("os.name").equals("Linux"), "the kernel spreads connections");
        List<TcpChannel> accepted = new CopyOnWriteArrayList<>();
        List<Socket> clients = new ArrayList<>();
        try (CapturedLog log = new CapturedLog("io.uloop");
                UloopGroup group = builder(2).replaceFailed(5).build();
                GroupListener listener =
                        GroupListener.open(
                                group,
                                anyPort(),
                                Spread.SHARED_PORT,
                                channel -> {
                                    seen.add(channel.loop().toString().replaceFirst(",.*", ""));
                                    accepted.add(channel);
                                })) {
            Uloop failed = group.loop(0);
            fail(failed);
            replacement(group, 0, failed);
            Awaitility.await()
                    .until(
                            () -> {
                                Socket client = new Socket();
                                client.connect((InetSocketAddress) listener.localAddress());
                                clients.add(client);
                                return seen.contains("Uloop[of the test-0")
                                        && seen.contains("Uloop[of the test-1");
                            });
            for (Socket client : clients) {
                client.close();
            }
            assertThat(log.messages()).isNotEmpty();
            for (int i = 0; i < 2; i++) {
                group.loop(i).submit(() -> true).get();
            }
        }
        for (TcpChannel channel : accepted) {
            channel.close();
        }
    }
}
