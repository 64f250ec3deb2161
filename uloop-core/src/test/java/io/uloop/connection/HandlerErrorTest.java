package io.uloop.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.uloop.net.TcpChannel;
import io.uloop.net.TcpListener;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Exhausted memory or stack in a handler ends only its connection. */
class HandlerErrorTest extends EachTlsConnection {
    private static final String RESETS = "x";

    private void begin(ConnectionOptions clientOptions, ConnectionOptions serverOptions)
            throws IOException {
        InetSocketAddress address = serve(serverOptions, () -> server);
        Connector.connect(loop, List.of(address), clientOptions, client);
    }

    /** Makes the server's handler throw in one of its calls. */
    private void failIn(RecordingHandler.Call call, Supplier<? extends Error> error) {
        server.on(
                call,
                connection -> {
                    throw error.get();
                });
    }

    private void provoke(RecordingHandler.Call call) throws IOException {
        runUntil(() -> client.isOver() || client.isOpened());
        if (call != RecordingHandler.Call.OPENED) {
            client.connection.write(bytes(RESETS));
            client.connection.close();
        }
        runUntil(() -> client.isOver() && server.isOver());
    }

    @ParameterizedTest
    @EnumSource(names = {"OPENED", "RECEIVED", "INPUT_CLOSED", "CLOSED"})
    void outOfMemoryInCallbackEndsOnlyThatConnection(RecordingHandler.Call call)
            throws IOException {
        OutOfMemoryError error = new OutOfMemoryError("of the test");
        failIn(call, () -> error);
        begin(ConnectionOptions.DEFAULTS, ConnectionOptions.DEFAULTS);
        provoke(call);
        runUntil(() -> !failures.isEmpty());
        assertThat(failures).singleElement().matches(each -> each.getCause() == error);
        failures.clear();
        if (call != RecordingHandler.Call.CLOSED) {
            assertThat(server.cause).isSameAs(error);
        }
        assertOthersAreServed(ConnectionOptions.DEFAULTS, ConnectionOptions.DEFAULTS);
    }

    @ParameterizedTest
    @EnumSource(names = {"OPENED", "RECEIVED"})
    void outOfMemoryInTlsCallbackEndsOnlyThatConnection(RecordingHandler.Call call)
            throws IOException {
        failIn(call, () -> new OutOfMemoryError("of the test"));
        begin(with(clientTls()), with(serverTls()));
        provoke(call);
        runUntil(() -> !failures.isEmpty());
        failures.clear();
        assertOthersAreServed(with(clientTls()), with(serverTls()));
    }

    @Test
    void stackOverflowEndsOnlyThatConnection() throws IOException {
        failIn(RecordingHandler.Call.RECEIVED, () -> overflow(1));
        begin(ConnectionOptions.DEFAULTS, ConnectionOptions.DEFAULTS);
        provoke(RecordingHandler.Call.RECEIVED);
        assertThat(server.cause).isInstanceOf(StackOverflowError.class);
        runUntil(() -> !failures.isEmpty());
        failures.clear();
        assertOthersAreServed(ConnectionOptions.DEFAULTS, ConnectionOptions.DEFAULTS);
    }

    @SuppressWarnings("InfiniteRecursion")
    private static Error overflow(int depth) {
        return overflow(depth + 1);
    }

    @Test
    void outOfMemoryInAcceptHandlerClosesOnlyThatConnection() throws IOException {
        TcpListener listener = closing(TcpListener.open(loop, anyPort()));
        boolean[] failed = {false};
        listener.register(
                channel -> {
                    if (!failed[0]) {
                        failed[0] = true;
                        throw new OutOfMemoryError("of the test");
                    }
                    try (channel) {
                        channel.write(bytes("served"));
                    }
                });
        for (String expected : new String[] {"", "served"}) {
            TcpChannel peer = closing(TcpChannel.connect(loop, listener.getLocalAddress()));
            runUntil(peer::finishConnect);
            ByteBuffer answer = ByteBuffer.allocate(100);
            runUntil(() -> peer.read(answer) < 0);
            assertThat(text(answer)).isEqualTo(expected);
        }
        failures.clear();
    }
}
