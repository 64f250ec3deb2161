package io.uloop.connection;

import static io.uloop.connection.RecordingHandler.Call.CLOSED;
import static io.uloop.connection.RecordingHandler.Call.OPENED;
import static io.uloop.connection.RecordingHandler.Call.RECEIVED;
import static org.assertj.core.api.Assertions.assertThat;

import io.uloop.net.TcpChannel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Each write reports once whether its bytes went to the kernel. */
class SentHandlerTest extends EachConnection {
    /** More than the kernel's buffers of both ends take. */
    private static final int LARGE = 16 << 20;

    /** The results so far: the number of the write, and why it failed. */
    private final List<String> results = new ArrayList<>();

    private SentHandler number(int number) {
        return failure ->
                results.add(
                        number + (failure == null ? "" : " " + failure.getClass().getSimpleName()));
    }

    @Test
    void smallWriteIsReportedAfterTheCall() throws IOException {
        open();
        client.connection.write(bytes("a"), number(1));
        client.connection.write(bytes("b"), number(2));
        assertThat(results).isEmpty();
        runUntil(() -> results.size() == 2);
        assertThat(results).containsExactly("1", "2");
        runUntil(() -> server.received.toString().equals("ab"));
    }

    @Test
    void handlerIsNotCalledInsideAnotherCall() throws IOException {
        open();
        server.on(RECEIVED, by -> by.write(bytes("answer"), number(results.size())));
        client.connection.write(bytes("question"));
        runUntil(() -> results.size() == 1);
    }

    @Test
    void largeWriteIsReportedWhenThePeerHasTakenMostOfIt() throws IOException {
        TcpChannel peer = openToChannel(ConnectionOptions.DEFAULTS);
        server.connection.write(ByteBuffer.allocate(LARGE), number(1));
        server.connection.write(bytes("end"), number(2));
        assertThat(server.connection.pendingBytes()).isPositive();
        int[] turns = new int[1];
        runUntil(() -> turns[0]++ > 5);
        assertThat(results).isEmpty();
        ByteBuffer target = ByteBuffer.allocateDirect(1 << 20);
        runUntil(
                () -> {
                    peer.read(target.clear());
                    return results.size() == 2;
                });
        assertThat(results).containsExactly("1", "2");
        assertThat(server.connection.pendingBytes()).isZero();
    }

    @Test
    void manyHandlersAreCalledInOrder() throws IOException {
        TcpChannel peer = openToChannel(ConnectionOptions.DEFAULTS);
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            server.connection.write(ByteBuffer.allocate(LARGE / 300), number(i));
            expected.add(Integer.toString(i));
        }
        ByteBuffer target = ByteBuffer.allocateDirect(1 << 20);
        runUntil(
                () -> {
                    peer.read(target.clear());
                    return results.size() == expected.size();
                });
        assertThat(results).isEqualTo(expected);
    }

    @Test
    void flushIsReportedAfterCloseToo() throws IOException {
        TcpChannel peer = openToChannel(ConnectionOptions.DEFAULTS);
        server.connection.write(ByteBuffer.allocate(LARGE));
        server.connection.close();
        server.connection.whenSent(number(1));
        ByteBuffer target = ByteBuffer.allocateDirect(1 << 20);
        runUntil(() -> peer.read(target.clear()) < 0);
        runUntil(() -> !results.isEmpty());
        assertThat(results).containsExactly("1");
        assertThat(server.isClosed()).isFalse();
    }

    @Test
    void handlerMayWriteAgain() throws IOException {
        open();
        int[] left = {1000};
        client.connection.write(
                bytes("x"),
                new SentHandler() {
                    @Override
                    public void sent(Throwable failure) {
                        if (--left[0] > 0) {
                            client.connection.write(bytes("x"), this);
                        }
                    }
                });
        runUntil(() -> server.received.length() == 1000);
    }

    @Test
    void writeToClosedOutputFailsAtOnce() throws IOException {
        open();
        client.connection.write(bytes("a"), number(1));
        client.connection.shutdownOutput();
        client.connection.write(bytes("b"), number(2));
        runUntil(() -> results.size() == 2);
        assertThat(results).containsExactly("1", "2 ClosedChannelException");
    }

    @Test
    void writeAfterTheEndFails() throws IOException {
        open();
        client.connection.abort();
        client.connection.write(bytes("a"), number(1));
        runUntil(client::isClosed);
        assertThat(results).containsExactly("1 ClosedChannelException");
        client.connection.write(bytes("b"), number(2));
        client.connection.whenSent(number(3));
        runUntil(() -> results.size() == 3);
        assertThat(results).endsWith("2 ClosedChannelException", "3 ClosedChannelException");
    }

    @Test
    void abortFailsPendingWritesBeforeClosed() throws IOException {
        openToChannel(ConnectionOptions.DEFAULTS);
        server.connection.write(bytes("a"), number(1));
        server.connection.write(ByteBuffer.allocate(LARGE), number(2));
        server.connection.whenSent(number(3));
        server.on(CLOSED, by -> assertThat(results).hasSize(3));
        server.connection.abort();
        assertThat(results).isEmpty();
        runUntil(server::isClosed);
        assertThat(results)
                .containsExactly("1", "2 ClosedChannelException", "3 ClosedChannelException");
        assertThat(server.cause).isNull();
    }

    @Test
    void resetByThePeerFailsPendingWritesWithItsCause() throws IOException {
        errorsReachTheirReader();
        TcpChannel peer = openToChannel(ConnectionOptions.DEFAULTS);
        List<Throwable> reasons = new ArrayList<>();
        server.connection.write(ByteBuffer.allocate(LARGE), failure -> reasons.add(failure));
        peer.reset();
        runUntil(server::isClosed);
        assertThat(server.cause).isNotNull();
        assertThat(reasons).containsExactly(server.cause);
    }

    @Test
    void handlerThatThrowsAbortsTheConnection() throws IOException {
        open();
        client.connection.write(
                bytes("a"),
                failure -> {
                    throw new IllegalStateException("sent");
                });
        client.connection.whenSent(number(2));
        runUntilBothClosed();
        assertThat(client.cause).isInstanceOf(IllegalStateException.class).hasMessage("sent");
        assertThat(failures).containsExactly((Exception) client.cause);
        assertThat(results).containsExactly("2");
        failures.clear();
    }

    @Test
    void handlerThatThrowsAtTheEndHidesNoOtherCall() throws IOException {
        openToChannel(ConnectionOptions.DEFAULTS);
        server.connection.write(
                ByteBuffer.allocate(LARGE),
                failure -> {
                    throw new IllegalStateException("lost");
                });
        server.connection.whenSent(number(2));
        server.connection.abort();
        runUntil(server::isClosed);
        assertThat(results).containsExactly("2 ClosedChannelException");
        assertThat(failures).singleElement().hasToString("java.lang.IllegalStateException: lost");
        failures.clear();
    }

    @Test
    void closedLoopFailsPendingWrites() throws IOException {
        openToChannel(ConnectionOptions.DEFAULTS);
        server.connection.write(ByteBuffer.allocate(LARGE), number(1));
        loop.close();
        assertThat(server.isClosed()).isTrue();
        assertThat(results).containsExactly("1 IOException");
        server.connection.write(bytes("a"), number(2));
        assertThat(results).endsWith("2 ClosedChannelException");
    }

    @Test
    void writeInOpenedIsReported() throws IOException {
        client.on(OPENED, by -> by.write(bytes("first"), number(1)));
        open();
        runUntil(() -> results.size() == 1);
        assertThat(results).containsExactly("1");
    }
}
