package io.uloop.connection;

import static io.uloop.connection.RecordingHandler.Call.INPUT_CLOSED;
import static io.uloop.connection.RecordingHandler.Call.RECEIVED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.uloop.poller.Errno;
import io.uloop.poller.PollerException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Any failure inside a transfer resets the connection. */
class ConnectionFailureTest extends EachTlsConnection {
    /** More than the kernel's buffers of one connection. */
    private static final int MANY_BYTES = 8 << 20;

    private static final String PLAIN = "plain";

    private CountingBackend backend;

    @BeforeEach
    void useABackendThatCanFail() throws IOException {
        loop.close();
        backend = new CountingBackend(provider);
        loop = build(backend);
        io = provider.descriptors();
    }

    static Stream<Arguments> versionsAndFailures() {
        List<Throwable> failures =
                List.of(
                        new OutOfMemoryError("of the test"),
                        new AssertionError("of the test"),
                        new IllegalStateException("of the test"),
                        new PollerException("write", "", 1, Errno.ENOBUFS, "of the test"));
        return Stream.of(PLAIN, TLS_1_2, TLS_1_3)
                .flatMap(version -> failures.stream().map(each -> Arguments.of(version, each)));
    }

    private void openOf(String version) throws IOException {
        errorsReachTheirReader();
        if (version.equals(PLAIN)) {
            open();
        } else {
            open(version);
        }
    }

    private int serverFd() {
        String digits = server.connection.toString().replaceAll(".*fd=([0-9]+).*", "$1");
        return Integer.parseInt(digits);
    }

    /** Returns whether the call itself throws the failure. */
    private static boolean isThrown(Throwable failure) {
        return failure instanceof RuntimeException || failure instanceof AssertionError;
    }

    private void callWithFailure(Throwable failure, ThrowingRunnable call) {
        if (isThrown(failure)) {
            assertThatThrownBy(call::run).isSameAs(failure);
        } else {
            try {
                call.run();
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        }
    }

    private void assertReset(Throwable failure) throws IOException {
        assertThat(server.connection.isOpen()).isFalse();
        assertThat(server.connection.isWritable()).isFalse();
        assertThat(server.connection.pendingBytes()).isZero();
        assertThat(server.connection.write(bytes("the next message"))).isFalse();
        backend.repair();
        runUntilBothClosed();
        assertThat(server.cause).isSameAs(failure);
        assertThat(client.has(INPUT_CLOSED)).isFalse();
        assertThat(client.cause).hasMessageContaining("ECONNRESET");
        assertThat(client.received.toString()).doesNotContain("next");
    }

    /** A plain write makes one system call. TLS makes one for each record. */
    private void failHalfWay(String version, Throwable failure) {
        server.connection.write(bytes("sent"));
        backend.fail(serverFd(), "write", version.equals(PLAIN) ? 0 : 1, failure);
    }

    @ParameterizedTest
    @MethodSource("versionsAndFailures")
    void writeThatFailsHalfwayResets(String version, Throwable failure) throws IOException {
        openOf(version);
        failHalfWay(version, failure);
        callWithFailure(failure, () -> server.connection.write(ByteBuffer.allocate(MANY_BYTES)));
        assertReset(failure);
    }

    @ParameterizedTest
    @MethodSource("versionsAndFailures")
    void gatheredWriteThatFailsHalfwayResets(String version, Throwable failure) throws IOException {
        openOf(version);
        failHalfWay(version, failure);
        ByteBuffer[] sources = {
            ByteBuffer.allocate(MANY_BYTES), ByteBuffer.allocateDirect(MANY_BYTES)
        };
        callWithFailure(failure, () -> server.connection.write(sources, 0, 2));
        assertReset(failure);
    }

    /** The flush of pending bytes fails. */
    @ParameterizedTest
    @MethodSource("versionsAndFailures")
    void flushThatFailsResets(String version, Throwable failure) throws IOException {
        openOf(version);
        client.connection.pauseReading();
        server.connection.write(ByteBuffer.allocate(MANY_BYTES));
        assertThat(server.connection.pendingBytes()).isPositive();
        backend.fail(serverFd(), "write", 0, failure);
        client.connection.resumeReading();
        if (failure instanceof AssertionError) {
            assertThatThrownBy(() -> runUntil(server::isClosed)).isSameAs(failure);
        } else {
            runUntil(server::isClosed);
        }
        assertThat(failures.remove(failure)).isEqualTo(failure instanceof RuntimeException);
        assertReset(failure);
    }

    @ParameterizedTest
    @MethodSource("versionsAndFailures")
    void readThatFailsResets(String version, Throwable failure) throws IOException {
        openOf(version);
        server.on(RECEIVED, connection -> backend.fail(serverFd(), "read", 0, failure));
        server.connection.write(ByteBuffer.allocate(MANY_BYTES));
        client.connection.write(bytes("x"));
        runUntil(() -> server.has(RECEIVED));
        client.connection.pauseReading();
        client.connection.write(bytes("y"));
        if (failure instanceof AssertionError) {
            assertThatThrownBy(() -> runUntil(server::isClosed)).isSameAs(failure);
        } else {
            runUntil(server::isClosed);
        }
        backend.repair();
        client.connection.resumeReading();
        assertThat(failures.remove(failure)).isEqualTo(failure instanceof RuntimeException);
        assertReset(failure);
    }

    /** A failed write to one connection must not disturb the sender. */
    @Test
    void broadcastContinuesPastConnectionOutOfMemory() throws IOException {
        errorsReachTheirReader();
        open();
        RecordingHandler other = new RecordingHandler();
        RecordingHandler otherClient = new RecordingHandler();
        var address = serve(ConnectionOptions.DEFAULTS, () -> other);
        Connector.connect(loop, List.of(address), ConnectionOptions.DEFAULTS, otherClient);
        runUntil(() -> other.isOpened() && otherClient.isOpened());
        List<Connection> all = new ArrayList<>(List.of(server.connection, other.connection));
        OutOfMemoryError failure = new OutOfMemoryError("of the test");
        other.on(
                RECEIVED,
                connection -> {
                    backend.fail(serverFd(), "write", 0, failure);
                    all.get(0).write(bytes("to everyone"));
                    backend.repair();
                    all.get(1).write(bytes("to everyone"));
                });
        otherClient.connection.write(bytes("x"));
        runUntil(() -> otherClient.received.length() == 11);
        assertReset(failure);
        otherClient.connection.abort();
        runUntil(() -> other.isClosed() && otherClient.isClosed());
    }
}
