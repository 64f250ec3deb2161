package io.uloop.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.uloop.CapturedLog;
import io.uloop.EachBackend;
import io.uloop.Uloop;
import io.uloop.poller.Descriptors;
import io.uloop.poller.Errno;
import io.uloop.poller.Poller;
import io.uloop.poller.PollerException;
import io.uloop.poller.PollerProvider;
import io.uloop.poller.UEvent;
import io.uloop.poller.tck.ForwardingProvider;
import io.uloop.poller.tck.Interceptor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TcpListenerTest extends EachBackend {
    private final List<TcpChannel> clients = new ArrayList<>();
    private final List<TcpChannel> accepted = new ArrayList<>();

    /** The errno values of the next failing accepts. */
    private final Deque<Errno> acceptFailures = new ArrayDeque<>();

    /** The errno values of the next failing resumptions. */
    private final Deque<Errno> resumeFailures = new ArrayDeque<>();

    private int accepts;

    private void connect(TcpListener listener, int count) throws IOException {
        for (int i = 0; i < count; i++) {
            clients.add(closing(TcpChannel.connect(loop, listener.getLocalAddress())));
        }
    }

    private void take(TcpChannel channel) {
        accepted.add(closing(channel));
    }

    @Test
    void everyConnectionIsAcceptedInBoundedBatches() throws IOException {
        List<Integer> afterEachTurn = new ArrayList<>(List.of(0));
        TcpListener listener = closing(TcpListener.open(loop, anyPort()));
        assertThat(listener.getOption(StandardSocketOptions.SO_REUSEADDR)).isTrue();
        listener.register(this::take);
        connect(listener, 200);
        loop.afterPoll(() -> afterEachTurn.add(accepted.size()));
        runUntil(() -> accepted.size() == 200);
        for (int i = 1; i < afterEachTurn.size(); i++) {
            assertThat(afterEachTurn.get(i) - afterEachTurn.get(i - 1)).isLessThanOrEqualTo(64);
        }
        listener.close();
        assertThat(loop.toString()).contains("descriptors=0");
    }

    @Test
    void acceptReturnsNullWhenNoneIsWaiting() throws IOException {
        TcpListener listener = closing(TcpListener.open(loop, anyPort(), 5));
        assertThat(listener.accept()).isNull();
        assertThat(((InetSocketAddress) listener.getLocalAddress()).getPort()).isPositive();
        assertThat(listener.loop()).isSameAs(loop);
    }

    @Test
    void addressInUseFailsWithoutLeak() throws IOException {
        TcpListener listener = closing(TcpListener.open(loop, anyPort()));
        assertThatThrownBy(() -> TcpListener.open(loop, listener.getLocalAddress()))
                .hasMessageContaining("EADDRINUSE");
    }

    @Test
    void handlerExceptionClosesOnlyItsConnection() throws IOException {
        try (CapturedLog log = new CapturedLog("io.uloop")) {
            TcpListener listener = closing(TcpListener.open(loop, anyPort()));
            int[] calls = new int[1];
            listener.register(
                    channel -> {
                        if (++calls[0] == 1) {
                            throw new IOException("no thanks");
                        }
                        take(channel);
                    });
            connect(listener, 1);
            runUntil(() -> calls[0] == 1);
            TcpChannel refused = clients.get(0);
            runUntil(() -> refused.read(ByteBuffer.allocate(8)) == -1);
            refused.close();
            connect(listener, 1);
            runUntil(() -> calls[0] == 2);
            assertThat(failures).singleElement().asString().contains("no thanks");
            assertThat(log.messages())
                    .singleElement()
                    .asString()
                    .contains("fd=" + listener.fd() + " with IN");
            failures.clear();
        }
    }

    @Test
    void handlerMayUnregisterTheListener() throws IOException {
        TcpListener listener = closing(TcpListener.open(loop, anyPort()));
        connect(listener, 3);
        int[] calls = new int[1];
        AcceptHandler<TcpChannel> once =
                channel -> {
                    calls[0]++;
                    take(channel);
                    listener.unregister();
                };
        listener.register(once);
        runUntil(() -> calls[0] == 1);
        assertThat(loop.runOnce(0)).isZero();
        assertThat(calls[0]).isEqualTo(1);
        listener.register(once);
        runUntil(() -> calls[0] == 2);
    }

    @Test
    void handlerMayCloseTheListener() throws IOException {
        TcpListener listener = closing(TcpListener.open(loop, anyPort()));
        int number = listener.fd();
        connect(listener, 3);
        listener.register(
                channel -> {
                    take(channel);
                    listener.close();
                });
        runUntil(() -> !listener.isOpen());
        assertThat(accepted).hasSize(1);
        assertThatThrownBy(listener::accept).isInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(() -> listener.register(this::take))
                .isInstanceOf(ClosedChannelException.class);
        assertThat(listener).hasToString("TcpListener[fd=" + number + ", closed]");
        assertThat(listener.fd()).isEqualTo(Descriptors.NONE);
    }

    @Test
    void exhaustedDescriptorsPauseAndLogOncePerSecond() throws IOException {
        try (CapturedLog log = new CapturedLog("io.uloop.net")) {
            Uloop failing = build(failing(provider));
            TcpListener listener = closing(TcpListener.open(failing, anyPort()));
            int[] turns = new int[1];
            failing.afterPoll(() -> turns[0]++);
            acceptFailures.addAll(List.of(Errno.EMFILE, Errno.ENFILE));
            listener.register(this::take);
            connect(listener, 2);
            long start = System.nanoTime();
            while (accepted.size() < 2) {
                failing.runOnce(DEADLINE.toNanos());
                assertThat(System.nanoTime() - start).isLessThan(DEADLINE.toNanos());
            }
            // Two pauses of two turns each, one that waits and one that resumes, and the last one
            // or two batches.
            assertThat(turns[0]).isLessThanOrEqualTo(8);
            assertThat(accepts).isLessThanOrEqualTo(2 + 2 + 2);
            assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(200_000_000);
            assertThat(log.messages())
                    .singleElement()
                    .asString()
                    .contains("TcpListener[fd=" + listener.fd() + "]")
                    .contains("EMFILE");
        }
    }

    @Test
    void pausedListenerKeepsARunWaitingOnlyIfReferenced() throws IOException {
        try (CapturedLog log = new CapturedLog("io.uloop.net")) {
            Uloop failing = build(failing(provider));
            TcpListener listener = closing(TcpListener.open(failing, anyPort()));
            acceptFailures.add(Errno.EMFILE);
            listener.register(this::take);
            connect(listener, 1);
            while (!acceptFailures.isEmpty()) {
                failing.runOnce(DEADLINE.toNanos());
            }
            listener.unref();
            failing.runUntilIdle(); // at once, although the listener resumes later
            assertThat(accepted).isEmpty();
            listener.ref();
            failing.beforePoll(
                    () -> {
                        if (!accepted.isEmpty()) {
                            listener.unref();
                        }
                    });
            failing.runUntilIdle();
            assertThat(accepted).hasSize(1);
            assertThat(log.messages()).hasSize(1);
        }
    }

    @Test
    void exhaustedDescriptorsRefuseConnectionsIfRequested() throws IOException {
        try (CapturedLog log = new CapturedLog("io.uloop.net")) {
            Uloop failing = build(failing(provider));
            TcpListener listener = closing(TcpListener.open(failing, anyPort()));
            listener.refuseWhenFull(true);
            listener.register(this::take);
            for (int refused = 3; refused <= 6; refused += 3) { // the reserve is renewed
                clients.clear();
                acceptFailures.add(Errno.EMFILE);
                connect(listener, 3);
                runUntilRefused(failing, listener, refused);
                for (TcpChannel client : clients) {
                    assertReset(client);
                }
            }
            assertThat(accepted).isEmpty();
            connect(listener, 1);
            while (accepted.isEmpty()) {
                failing.runOnce(DEADLINE.toNanos());
            }
            assertThat(listener.refused()).isEqualTo(6);
            assertThat(log.messages())
                    .singleElement()
                    .asString()
                    .contains(
                            "TcpListener[fd="
                                    + listener.fd()
                                    + "] cannot accept; connections are refused")
                    .contains("EMFILE");
        }
    }

    @Test
    void connectionsWaitIfTheReserveDoesNotHelp() throws IOException {
        try (CapturedLog log = new CapturedLog("io.uloop.net")) {
            Uloop failing = build(failing(provider));
            TcpListener listener = closing(TcpListener.open(failing, anyPort()));
            listener.refuseWhenFull(true);
            acceptFailures.addAll(List.of(Errno.ENOMEM, Errno.ENOMEM));
            listener.register(this::take);
            connect(listener, 1);
            while (accepted.isEmpty()) {
                failing.runOnce(DEADLINE.toNanos());
            }
            assertThat(listener.refused()).isZero();
            assertThat(log.messages()).singleElement().asString().contains("connections wait");
        }
    }

    private void runUntilRefused(Uloop served, TcpListener listener, int count) throws IOException {
        long start = System.nanoTime();
        while (listener.refused() < count) {
            served.runOnce(DEADLINE.toNanos());
            assertThat(System.nanoTime() - start).isLessThan(DEADLINE.toNanos());
        }
    }

    @Test
    void failedResumptionIsRetried() throws IOException {
        try (CapturedLog log = new CapturedLog("io.uloop.net")) {
            Uloop failing = build(failing(provider));
            TcpListener listener = closing(TcpListener.open(failing, anyPort()));
            acceptFailures.add(Errno.ENFILE);
            resumeFailures.addAll(List.of(Errno.ENOSPC, Errno.ENOMEM));
            listener.register(this::take);
            connect(listener, 1);
            while (accepted.isEmpty()) {
                failing.runOnce(DEADLINE.toNanos());
            }
            assertThat(resumeFailures).isEmpty();
            assertThat(log.messages()).singleElement().asString().contains("ENFILE");
        }
    }

    @Test
    void pausedListenerCanBeClosed() throws IOException {
        try (CapturedLog log = new CapturedLog("io.uloop.net")) {
            Uloop failing = build(failing(provider));
            TcpListener listener = closing(TcpListener.open(failing, anyPort()));
            acceptFailures.add(Errno.ENOMEM);
            listener.register(this::take);
            connect(listener, 1);
            while (!acceptFailures.isEmpty()) {
                failing.runOnce(DEADLINE.toNanos());
            }
            assertThat(failing.toString()).contains("timers=1");
            listener.close();
            assertThat(failing.toString()).contains("descriptors=0, timers=0");
            assertThat(log.messages()).hasSize(1);
        }
    }

    @Test
    void connectionLostBeforeAcceptIsIgnored() throws IOException {
        Uloop failing = build(failing(provider));
        TcpListener listener = closing(TcpListener.open(failing, anyPort()));
        acceptFailures.addAll(List.of(Errno.ECONNABORTED, Errno.EPROTO));
        listener.register(this::take);
        connect(listener, 1);
        while (accepted.size() < 1) {
            failing.runOnce(DEADLINE.toNanos());
        }
        assertThat(failing.toString()).contains("timers=0");
    }

    @ParameterizedTest
    @EnumSource(names = {"EPERM", "ECONNABORTED", "EPROTO", "EOPNOTSUPP"})
    void permanentErrorPausesTheListenerAndIsLogged(Errno errno) throws IOException {
        Uloop failing = build(failing(provider));
        TcpListener listener = closing(TcpListener.open(failing, anyPort()));
        connect(listener, 1);
        assertPausesWhile(errno, failing, listener);
    }

    @Test
    void permanentErrorPausesListenerThatRefuses() throws IOException {
        Uloop failing = build(failing(provider));
        TcpListener listener = closing(TcpListener.open(failing, anyPort()));
        listener.limitConnections(1);
        listener.refuseWhenFull(true);
        connect(listener, 1);
        assertPausesWhile(Errno.EPERM, failing, listener);
    }

    @Test
    void permanentErrorPausesUnixListener(@TempDir Path folder) throws IOException {
        Uloop failing = build(failing(provider));
        SocketAddress address = UnixDomainSocketAddress.of(folder.resolve("socket"));
        UnixListener listener = closing(UnixListener.open(failing, address));
        closing(UnixChannel.connect(loop, address));
        assertPausesWhile(Errno.EPERM, failing, listener);
    }

    /** Expects few attempts per pause of 100 ms, and the connection after the error. */
    private void assertPausesWhile(
            Errno errno, Uloop failing, Listener<? extends StreamChannel> listener)
            throws IOException {
        try (CapturedLog log = new CapturedLog("io.uloop.net")) {
            acceptFailures.addAll(Collections.nCopies(1_000_000, errno));
            int[] handed = new int[1];
            listener.register(
                    channel -> {
                        closing(channel);
                        handed[0]++;
                    });
            long start = System.nanoTime();
            int turns = 0;
            while (log.messages().isEmpty() || System.nanoTime() - start < 300_000_000) {
                failing.runOnce(20_000_000);
                turns++;
                assertThat(System.nanoTime() - start).isLessThan(DEADLINE.toNanos());
            }
            long pauses = 1 + (System.nanoTime() - start) / 100_000_000;
            assertThat(accepts).isLessThanOrEqualTo((int) (16 * pauses));
            assertThat(turns).isLessThan(1000);
            assertThat(log.messages().get(0)).contains(listener.toString(), errno.name());
            assertThat(log.messages().size()).isLessThanOrEqualTo((int) pauses);
            acceptFailures.clear();
            while (handed[0] == 0) {
                failing.runOnce(DEADLINE.toNanos());
                assertThat(System.nanoTime() - start).isLessThan(2 * DEADLINE.toNanos());
            }
        }
    }

    @Test
    void otherFailureIsReportedWithoutSpinning() throws IOException {
        try (CapturedLog log = new CapturedLog("io.uloop")) {
            Uloop failing = build(failing(provider));
            TcpListener listener = closing(TcpListener.open(failing, anyPort()));
            acceptFailures.add(Errno.EIO);
            listener.register(this::take);
            connect(listener, 1);
            while (accepted.size() < 1) {
                failing.runOnce(DEADLINE.toNanos());
            }
            assertThat(failures).singleElement().asString().contains("EIO");
            assertThat(log.messages()).hasSize(1);
            failures.clear();
        }
    }

    /** Passes calls on, except for the named ones while the queue has an errno for them. */
    private static Interceptor failing(
            String name, Predicate<Interceptor.Call> when, Deque<Errno> errnos) {
        return call -> {
            if (call.name().equals(name) && when.test(call)) {
                Errno errno = errnos.poll();
                if (errno != null) {
                    throw new PollerException(name, "", call.number(0), errno, "as asked for");
                }
            }
            return call.proceed();
        };
    }

    /** Returns a backend whose accept and modify to IN fail as requested. */
    private PollerProvider failing(PollerProvider real) {
        Descriptors descriptors =
                failing("accept", call -> ++accepts > 0, acceptFailures)
                        .before(Descriptors.class, real.descriptors());
        Interceptor resumes =
                failing("modify", call -> call.number(1) == UEvent.IN, resumeFailures);
        return new ForwardingProvider(real) {
            @Override
            public Poller open() throws PollerException {
                return resumes.before(Poller.class, super.open());
            }

            @Override
            public Descriptors descriptors() {
                return descriptors;
            }
        };
    }
}
