package io.uloop.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.uloop.EachBackend;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayDeque;
import java.util.Deque;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A listener with a limit of connections. */
class ListenerLimitTest extends EachBackend {
    private final Deque<TcpChannel> accepted = new ArrayDeque<>();
    private TcpListener listener;
    private int total;

    @BeforeEach
    void openListener() throws IOException {
        listener = closing(TcpListener.open(loop, anyPort()));
    }

    private void take(TcpChannel channel) {
        accepted.add(closing(channel));
        total++;
        assertThat(listener.connections()).isEqualTo(accepted.size());
    }

    private void connect(int count) throws IOException {
        for (int i = 0; i < count; i++) {
            closing(TcpChannel.connect(loop, listener.getLocalAddress()));
        }
    }

    /** Runs turns that would accept more connections without a limit. */
    private void assertStays(int count) throws IOException {
        for (int i = 0; i < 5; i++) {
            assertThat(loop.runOnce(0)).isLessThanOrEqualTo(1);
        }
        assertThat(loop.runOnce(0)).as("a full listener is not polled").isZero();
        assertThat(total).isEqualTo(count);
    }

    @Test
    void connectionsAtLimitWaitUntilOneIsClosed() throws IOException {
        listener.limitConnections(3);
        listener.register(this::take);
        connect(10);
        runUntil(() -> total == 3);
        assertStays(3);
        for (int expected = 4; expected <= 10; expected++) {
            accepted.remove().close();
            int reached = expected;
            runUntil(() -> total == reached);
            assertStays(expected);
        }
        assertThat(listener.connections()).isEqualTo(3);
    }

    @Test
    void closeByAnotherThreadMakesRoom() throws IOException {
        listener.limitConnections(1);
        listener.register(this::take);
        connect(50);
        while (total < 50) {
            int before = total;
            runUntil(() -> total > before);
            TcpChannel channel = accepted.remove();
            Thread closer = new Thread(() -> unchecked(() -> closeAndTell(channel)));
            closer.start();
        }
        runUntil(() -> listener.connections() <= 1);
    }

    private static boolean closeAndTell(TcpChannel channel) throws IOException {
        channel.close();
        return true;
    }

    @Test
    void raisedLimitAppliesAtOnceAndLoweredOneClosesNothing() throws IOException {
        listener.limitConnections(2);
        listener.register(this::take);
        connect(6);
        runUntil(() -> total == 2);
        assertStays(2);
        listener.limitConnections(4);
        runUntil(() -> total == 4);
        listener.limitConnections(1);
        assertStays(4);
        accepted.remove().close();
        accepted.remove().close();
        accepted.remove().close();
        assertStays(4);
        accepted.remove().close();
        runUntil(() -> total == 5);
        assertThatThrownBy(() -> listener.limitConnections(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("must be 1 or more, not 0");
    }

    @Test
    void connectionsAtLimitAreResetIfRequested() throws IOException {
        listener.limitConnections(2);
        listener.register(this::take);
        connect(5);
        runUntil(() -> total == 2);
        assertStays(2);
        listener.refuseWhenFull(true); // applies to waiting connections too
        runUntil(() -> listener.refused() == 3);
        TcpChannel late = closing(TcpChannel.connect(loop, listener.getLocalAddress()));
        runUntil(() -> listener.refused() == 4);
        assertReset(late);
        assertThat(listener.connections()).isEqualTo(2);
        accepted.remove().close();
        connect(1);
        runUntil(() -> total == 3);
        listener.refuseWhenFull(false);
        connect(1);
        assertStays(3);
        assertThat(listener.refused()).isEqualTo(4);
        listener.close();
        assertThatThrownBy(() -> listener.refuseWhenFull(true))
                .isInstanceOf(ClosedChannelException.class);
    }

    @Test
    void fullListenerCanBeRegisteredAgain() throws IOException {
        listener.limitConnections(1);
        listener.register(this::take);
        connect(3);
        runUntil(() -> total == 1);
        assertStays(1);
        listener.unregister();
        accepted.remove().close();
        assertStays(1);
        listener.register(this::take);
        runUntil(() -> total == 2);
        assertStays(2);
        listener.close();
        accepted.remove().close();
        assertThat(loop.runOnce(0)).isZero();
        assertThat(listener.connections()).isZero();
        assertThat(loop.toString()).contains("descriptors=0");
    }

    @Test
    void connectionsThatEndAtLimitAreReplaced() throws IOException {
        listener.limitConnections(4);
        listener.register(
                channel -> {
                    take(channel);
                    channel.register(
                            UEvent.IN,
                            (fd, events) -> {
                                accepted.remove(channel);
                                channel.close();
                            });
                });
        for (int i = 0; i < 100; i++) {
            TcpChannel client = TcpChannel.connect(loop, listener.getLocalAddress());
            runUntil(() -> unchecked(client::finishConnect));
            client.close();
        }
        runUntil(() -> total == 100 && listener.connections() == 0);
    }
}
