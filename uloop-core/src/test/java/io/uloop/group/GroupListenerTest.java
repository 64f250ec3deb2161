package io.uloop.group;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.uloop.CapturedLog;
import io.uloop.EachBackend;
import io.uloop.net.ListenerPreparation;
import io.uloop.net.TcpChannel;
import io.uloop.net.TcpListener;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Connections of one address are distributed over the loops of a group. */
class GroupListenerTest extends EachBackend {
    private static final int LOOPS = 3;

    private final List<TcpChannel> accepted = new CopyOnWriteArrayList<>();
    private final List<Socket> clients = new ArrayList<>();

    /** The failures that the loops report, each on its own thread. */
    private final List<Exception> thrown = new CopyOnWriteArrayList<>();

    private UloopGroup group;

    @BeforeEach
    void openGroup() throws IOException {
        group =
                UloopGroup.builder()
                        .size(LOOPS)
                        .eachLoop(
                                each ->
                                        each.poller(provider)
                                                .errorHandler((at, what, e) -> thrown.add(e)))
                        .build();
    }

    @AfterEach
    void closeGroup() throws IOException {
        group.close();
        for (Socket client : clients) {
            client.close();
        }
        for (TcpChannel channel : accepted) {
            channel.close();
        }
        assertThat(thrown).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(Spread.class)
    void eachConnectionIsHandledOnceOnItsLoopThread(Spread spread) throws Exception {
        List<Boolean> inLoop = new CopyOnWriteArrayList<>();
        GroupListener listener =
                GroupListener.open(
                        group,
                        anyPort(),
                        spread,
                        channel -> {
                            inLoop.add(channel.loop().inLoop());
                            accepted.add(channel);
                        });
        connect(listener, 60);
        await(60);
        assertThat(inLoop).hasSize(60).containsOnly(true);
        assertThat(accepted.stream().map(TcpChannel::fd)).doesNotHaveDuplicates();
        assertThat(accepted.stream().map(TcpChannel::loop).distinct().count()).isEqualTo(LOOPS);
    }

    @Test
    void socketsArePreparedBeforeBind() throws Exception {
        List<TcpListener> prepared = new ArrayList<>();
        GroupListener listener =
                GroupListener.open(
                        group,
                        anyPort(),
                        Spread.HAND_OVER,
                        each -> {
                            assertThat(each.getLocalAddress()).isNull();
                            each.limitConnections(2);
                            each.refuseWhenFull(true);
                            prepared.add(each);
                        },
                        accepted::add);
        connect(listener, 2);
        await(2);
        connect(listener, 1);
        Awaitility.await().atMost(DEADLINE).until(() -> prepared.get(0).refused() == 1);
        assertThat(prepared).hasSize(1);
        assertThat(accepted).hasSize(2);
    }

    @ParameterizedTest
    @EnumSource(Spread.class)
    void failedPreparationLeavesNothingOpen(Spread spread) {
        ListenerPreparation failing =
                each -> {
                    throw new IOException("of the test");
                };
        assertThatThrownBy(
                        () -> GroupListener.open(group, anyPort(), spread, failing, accepted::add))
                .hasMessage("of the test");
    }

    @Test
    void handedOverConnectionsRotate() throws Exception {
        GroupListener listener =
                GroupListener.open(group, anyPort(), Spread.HAND_OVER, accepted::add);
        connect(listener, 2 * LOOPS);
        await(2 * LOOPS);
        for (int i = 0; i < LOOPS; i++) {
            int index = i;
            assertThat(accepted).filteredOn(c -> c.loop() == group.loop(index)).hasSize(2);
        }
    }

    @ParameterizedTest
    @EnumSource(Spread.class)
    void handlerExceptionClosesTheConnection(Spread spread) throws Exception {
        try (CapturedLog log = new CapturedLog("io.uloop")) {
            GroupListener listener =
                    GroupListener.open(
                            group,
                            anyPort(),
                            spread,
                            channel -> {
                                throw new IllegalStateException("of the test");
                            });
            connect(listener, LOOPS);
            for (Socket client : clients) {
                assertThat(client.getInputStream().read()).isEqualTo(-1);
            }
            Awaitility.await().atMost(DEADLINE).until(() -> thrown.size() == LOOPS);
            assertThat(log.messages()).hasSize(LOOPS).allMatch(line -> line.contains(" failed"));
            thrown.clear();
        }
    }

    @ParameterizedTest
    @EnumSource(Spread.class)
    void shutdownClosesTheListenerFirst(Spread spread) throws Exception {
        GroupListener listener = GroupListener.open(group, anyPort(), spread, accepted::add);
        connect(listener, 1);
        await(1);
        assertThat(group.shutdown(DEADLINE)).isTrue();
        assertRefused(listener);
    }

    @ParameterizedTest
    @EnumSource(Spread.class)
    void closeOfGroupClosesTheListener(Spread spread) throws Exception {
        GroupListener listener = GroupListener.open(group, anyPort(), spread, accepted::add);
        group.close();
        assertRefused(listener);
    }

    @ParameterizedTest
    @EnumSource(Spread.class)
    void acceptedConnectionsOutliveTheListener(Spread spread) throws Exception {
        GroupListener listener = GroupListener.open(group, anyPort(), spread, accepted::add);
        connect(listener, 1);
        await(1);
        listener.close();
        listener.close();
        for (int i = 0; i < LOOPS; i++) {
            group.loop(i).submit(() -> 0).get(60, TimeUnit.SECONDS);
        }
        assertRefused(listener);
        assertThat(accepted.get(0).write(bytes("x"))).isEqualTo(1);
        assertThat(clients.get(0).getInputStream().read()).isEqualTo('x');
    }

    @Test
    void connectionHandedToEndingLoopIsClosed() throws Exception {
        GroupListener listener =
                GroupListener.open(group, anyPort(), Spread.HAND_OVER, accepted::add);
        CountDownLatch held = new CountDownLatch(1);
        CountDownLatch closing = new CountDownLatch(1);
        group.loop(1)
                .execute(
                        () -> {
                            held.countDown();
                            await(closing);
                        });
        await(held);
        connect(listener, LOOPS);
        await(LOOPS - 1);
        Thread closer = new Thread(group::close);
        closer.start();
        Awaitility.await().atMost(DEADLINE).until(() -> !group.loop(1).isOpen());
        closing.countDown();
        closer.join();
        assertThat(accepted).hasSize(LOOPS - 1);
        assertThat(clients.get(1).getInputStream().read()).isEqualTo(-1);
    }

    @Test
    void addressInUseLeavesNothingOpen() throws Exception {
        GroupListener first = GroupListener.open(group, anyPort(), Spread.HAND_OVER, accepted::add);
        for (Spread spread : Spread.values()) {
            assertThatThrownBy(
                            () ->
                                    GroupListener.open(
                                            group, first.localAddress(), spread, accepted::add))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("EADDRINUSE");
        }
    }

    @Test
    void openOnLoopThreadThrows() throws Exception {
        ThrowingCallable open = () -> GroupListener.open(group, anyPort(), accepted::add);
        group.loop(0)
                .submit(() -> assertThatIllegalStateException().isThrownBy(open))
                .get(60, TimeUnit.SECONDS);
    }

    @Test
    void openOnEndedGroupThrows() {
        group.close();
        assertThatIllegalStateException()
                .isThrownBy(() -> GroupListener.open(group, anyPort(), accepted::add));
    }

    @ParameterizedTest
    @EnumSource(Spread.class)
    void endedLoopExcludesOnlyListenersThatNeedIt(Spread spread) throws Exception {
        group.loop(2).close();
        Awaitility.await().atMost(DEADLINE).until(() -> hasEnded(2));
        ThrowingCallable open =
                () -> {
                    GroupListener listener =
                            GroupListener.open(group, anyPort(), spread, accepted::add);
                    connect(listener, 4);
                    await(4);
                };
        if (spread == Spread.SHARED_PORT) {
            assertThatIllegalStateException().isThrownBy(open).withMessageContaining("closed");
        } else {
            assertThatCode(open).doesNotThrowAnyException();
        }
    }

    private boolean hasEnded(int index) {
        try {
            group.atEnd(index, () -> {});
            return false;
        } catch (IllegalStateException e) {
            return true;
        }
    }

    @Test
    void groupForgetsAClosedListener() throws Exception {
        WeakReference<GroupListener> closed = openAndClose();
        Awaitility.await()
                .atMost(DEADLINE)
                .until(
                        () -> {
                            System.gc();
                            return closed.get() == null;
                        });
    }

    private WeakReference<GroupListener> openAndClose() throws IOException {
        GroupListener listener = GroupListener.open(group, anyPort(), accepted::add);
        listener.close();
        return new WeakReference<>(listener);
    }

    private void connect(GroupListener listener, int count) throws IOException {
        InetSocketAddress address = (InetSocketAddress) listener.localAddress();
        for (int i = 0; i < count; i++) {
            clients.add(new Socket(address.getAddress(), address.getPort()));
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(60, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private void await(int connections) {
        Awaitility.await().atMost(DEADLINE).until(() -> accepted.size() == connections);
    }

    /** Holds the port, because a client that gets it as its own port connects to itself. */
    private void assertRefused(GroupListener listener) throws IOException {
        try (Socket holder = new Socket()) {
            holder.setReuseAddress(true);
            holder.bind(listener.localAddress());
            assertThatThrownBy(() -> connect(listener, 1)).isInstanceOf(ConnectException.class);
        }
    }
}
