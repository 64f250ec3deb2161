package io.uloop.connection;

import static io.uloop.connection.RecordingHandler.Call.CLOSED;
import static io.uloop.connection.RecordingHandler.Call.OPENED;
import static io.uloop.connection.RecordingHandler.Call.WRITABLE;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.uloop.Uloop;
import io.uloop.net.TcpChannel;
import io.uloop.net.TcpListener;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files are sent in order with the bytes around them. */
class FileWriteTest extends EachTlsConnection {
    private static final String PLAIN = "plain";
    private static final int SIZE = 3 << 20;

    @TempDir private Path directory;
    private String text;
    private FileChannel file;
    private final List<Throwable> results = new ArrayList<>();
    private final SentHandler result = results::add;

    @BeforeEach
    void createFile() throws IOException {
        byte[] content = new byte[SIZE];
        new Random(7).nextBytes(content);
        text = new String(content, ISO_8859_1);
        file = FileChannel.open(Files.write(directory.resolve("file"), content));
    }

    @AfterEach
    void closeFile() throws IOException {
        file.close();
    }

    private void openAs(String kind) throws IOException {
        if (kind.equals(PLAIN)) {
            open();
        } else {
            open(kind);
        }
    }

    private void receive(String expected) throws IOException {
        runUntil(() -> server.received.length() >= expected.length());
        assertThat(expected.contentEquals(server.received)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {PLAIN, TLS_1_2, TLS_1_3})
    void fileIsSentBetweenBytes(String kind) throws IOException {
        openAs(kind);
        client.connection.write(bytes("head "));
        boolean writable = client.connection.write(file, 10, SIZE - 20, result);
        client.connection.write(bytes(" tail"), result);
        assertThat(writable).isFalse();
        assertThat(client.connection.pendingBytes()).isPositive();
        receive("head " + text.substring(10, SIZE - 10) + " tail");
        runUntil(() -> results.size() == 2);
        assertThat(results).containsOnlyNulls();
        assertThat(client.connection.pendingBytes()).isZero();
        assertThat(client.connection.isWritable()).isTrue();
        assertThat(client.count(WRITABLE)).isEqualTo(1);
        assertThat(file.position()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {PLAIN, TLS_1_2, TLS_1_3})
    void writableIsNotCalledBelowTheHighWatermark(String kind) throws IOException {
        ConnectionOptions.Builder options = ConnectionOptions.builder().watermarks(SIZE, 2 * SIZE);
        if (kind.equals(PLAIN)) {
            open(options.build(), ConnectionOptions.DEFAULTS);
        } else {
            open(
                    options.tls(clientTls().build()).build(),
                    with(serverTls().parameters(version(kind))));
        }
        assertThat(client.connection.write(file, 0, SIZE)).isTrue();
        receive(text);
        assertThat(client.has(WRITABLE)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {PLAIN, TLS_1_2, TLS_1_3})
    void manyPartsStayInOrder(String kind) throws IOException {
        openAs(kind);
        Random random = new Random(3);
        StringBuilder expected = new StringBuilder();
        for (int i = 0; i < 300; i++) {
            int from = random.nextInt(SIZE - 30_000);
            int count = random.nextInt(i % 10 == 0 ? 30_000 : 300);
            String part = text.substring(from, from + count);
            expected.append(part);
            if (random.nextBoolean()) {
                client.connection.write(file, from, count, result);
            } else {
                client.connection.write(ByteBuffer.wrap(part.getBytes(ISO_8859_1)), result);
            }
            if (i % 50 == 0) {
                loop.runOnce(0);
            }
        }
        receive(expected.toString());
        runUntil(() -> results.size() == 300);
        assertThat(results).containsOnlyNulls();
    }

    @ParameterizedTest
    @ValueSource(strings = {PLAIN, TLS_1_2, TLS_1_3})
    void slowPeerStopsTheFile(String kind) throws IOException {
        server.on(OPENED, Connection::pauseReading);
        openAs(kind);
        for (int i = 0; i < 10; i++) {
            client.connection.write(file, 0, SIZE);
        }
        client.connection.write(bytes("end"));
        int[] turns = new int[1];
        runUntil(() -> turns[0]++ > 10);
        assertThat(client.connection.pendingBytes()).isGreaterThan(10 << 20);
        assertThat(loop.metrics().bufferedBytes()).isLessThan(1 << 20);
        server.connection.resumeReading();
        receive(text.repeat(10) + "end");
    }

    @ParameterizedTest
    @ValueSource(strings = {PLAIN, TLS_1_2, TLS_1_3})
    void closeSendsTheFileFirst(String kind) throws IOException {
        openAs(kind);
        client.connection.write(file, 0, SIZE, result);
        client.connection.close();
        client.connection.write(file, 0, SIZE, result);
        runUntilBothClosed();
        receive(text);
        assertThat(client.cause).isNull();
        assertThat(server.cause).isNull();
        assertThat(results)
                .hasSize(2)
                .hasAtLeastOneElementOfType(ClosedChannelException.class)
                .containsNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {PLAIN, TLS_1_2, TLS_1_3})
    void halfCloseSendsTheFileFirst(String kind) throws IOException {
        openAs(kind);
        client.connection.write(file, 0, SIZE, result);
        client.connection.shutdownOutput();
        assertThat(client.connection.write(bytes("dropped"))).isFalse();
        client.connection.shutdownOutput();
        runUntilBothClosed();
        receive(text);
        assertThat(client.cause).isNull();
        assertThat(server.cause).isNull();
        assertThat(results).hasSize(1).containsOnlyNulls();
    }

    @ParameterizedTest
    @ValueSource(strings = {PLAIN, TLS_1_2, TLS_1_3})
    void abortLosesTheFile(String kind) throws IOException {
        server.on(OPENED, Connection::pauseReading);
        openAs(kind);
        for (int i = 0; i < 10; i++) { // more than the kernel's buffers of both ends take
            client.connection.write(file, 0, SIZE, result);
        }
        client.on(CLOSED, by -> assertThat(results).hasSize(10));
        client.connection.abort();
        runUntil(client::isClosed);
        assertThat(results.get(9)).isInstanceOf(ClosedChannelException.class);
        server.connection.resumeReading();
        runUntil(server::isClosed);
        assertThat(server.cause).isNotNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {PLAIN, TLS_1_2, TLS_1_3})
    void fileThatIsShorterResetsTheConnection(String kind) throws IOException {
        openAs(kind);
        client.connection.write(file, 0, SIZE + 1, result);
        client.connection.write(bytes("not to be taken for the missing byte"));
        runUntilBothClosed();
        assertThat(client.cause)
                .isInstanceOf(EOFException.class)
                .hasMessage(
                        "cannot send 1 more bytes of a file from position "
                                + SIZE
                                + ": the file is shorter");
        assertThat(results).containsExactly(client.cause);
        assertThat(server.cause).isNotNull();
        assertThat(text.startsWith(server.received.toString())).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {PLAIN, TLS_1_3})
    void fileThatWasClosedResetsTheConnection(String kind) throws IOException {
        openAs(kind);
        file.close();
        client.connection.write(file, 0, SIZE, result);
        runUntilBothClosed();
        assertThat(client.cause).isInstanceOf(ClosedChannelException.class);
        assertThat(results).containsExactly(client.cause);
    }

    /** A count that is larger than any file is an end that nobody reaches. */
    @ParameterizedTest
    @ValueSource(strings = {PLAIN, TLS_1_2, TLS_1_3})
    void partsThatTogetherOverflowResetTheConnection(String kind) throws IOException {
        openAs(kind);
        client.connection.pauseReading();
        server.connection.write(ByteBuffer.allocate(16 << 20));
        for (int i = 0; i < 3; i++) {
            server.connection.write(file, 0, Long.MAX_VALUE / 2, result);
            assertThat(server.connection.pendingBytes()).isNotNegative();
        }
        assertThat(server.connection.isOpen()).isFalse();
        runUntil(server::isClosed);
        assertThat(server.cause).hasMessageContaining("the sum is too large");
        assertThat(results).hasSize(3).doesNotContainNull();
    }

    @Test
    void placeOfAMarkDoesNotOverflow() {
        SentMarks marks = new SentMarks();
        marks.sent(10);
        marks.add(result, Long.MAX_VALUE);
        assertThat(marks.isReached()).isFalse();
    }

    @Test
    void emptyPartIsReported() throws IOException {
        open();
        client.connection.write(file, SIZE, 0, result);
        runUntil(() -> results.size() == 1);
        assertThat(results).containsOnlyNulls();
    }

    @Test
    void negativePartIsRejected() throws IOException {
        open();
        assertThatThrownBy(() -> client.connection.write(file, -1, 5))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("from position -1");
        assertThatThrownBy(() -> client.connection.write(file, 0, -5, result))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(results).isEmpty();
    }

    @Test
    void fileWrittenDuringTheHandshakeIsSentAfterIt() throws IOException {
        TcpListener listener = closing(TcpListener.open(loop, anyPort()));
        TcpChannel channel = closing(TcpChannel.connect(loop, listener.getLocalAddress()));
        runUntil(channel::finishConnect);
        Connection early = Connection.open(channel, with(clientTls()), client);
        early.write(bytes("head "));
        early.write(file, 0, SIZE, result);
        early.write(bytes(" tail"));
        listener.register(Connection.acceptor(with(serverTls()), () -> server));
        receive("head " + text + " tail");
        runUntil(() -> results.size() == 1);
        assertThat(results).containsOnlyNulls();
    }

    /** A peer is not late if it takes bytes again and again, however long all of them take. */
    @ParameterizedTest
    @ValueSource(strings = {PLAIN, TLS_1_3})
    void writeTimeoutEndsOnlyPeersThatTakeNothing(String kind) throws IOException {
        long[] now = {1};
        loop.close();
        loop =
                closing(
                        Uloop.builder()
                                .poller(provider)
                                .clock(() -> now[0])
                                .errorHandler((where, source, error) -> failures.add(error))
                                .build());
        io = loop.descriptors();
        long turn = Duration.ofMillis(10).toNanos();
        ConnectionOptions.Builder options =
                ConnectionOptions.builder().writeTimeout(Duration.ofMillis(100));
        ConnectionOptions ofServer = ConnectionOptions.DEFAULTS;
        if (!kind.equals(PLAIN)) {
            options.tls(clientTls().build());
            ofServer = with(serverTls());
        }
        open(options.build(), ofServer);
        int copies = 8;
        for (int i = 0; i < copies; i++) {
            client.connection.write(file, 0, SIZE, result);
        }
        long[] pending = {Long.MAX_VALUE};
        runUntil(
                () -> {
                    long left = client.connection.pendingBytes();
                    now[0] += left < pending[0] ? turn : 0; // on a busy machine, turns may be empty
                    pending[0] = left;
                    return results.size() == copies;
                });
        assertThat(results).containsOnlyNulls();
        assertThat(now[0]).as("longer than the timeout in all").isGreaterThan(20 * turn);
        runUntil(() -> server.received.length() == copies * SIZE);
        now[0] += 100 * turn;
        int[] turns = new int[1];
        runUntil(() -> turns[0]++ > 5);
        assertThat(client.isClosed()).isFalse();
        server.connection.pauseReading();
        for (int i = 0; i < copies; i++) {
            client.connection.write(file, 0, SIZE, result);
        }
        runUntil(
                () -> {
                    now[0] += turn;
                    return client.isClosed();
                });
        assertThat(client.cause).isInstanceOf(SocketTimeoutException.class);
    }

    /** A reader that is as fast as the loop must not keep it from its other work. */
    @ParameterizedTest
    @ValueSource(strings = {PLAIN, TLS_1_3})
    void fastPeerDoesNotStarveTheLoop(String kind) throws Exception {
        int copies = 10;
        ConnectionOptions options =
                kind.equals(PLAIN) ? ConnectionOptions.DEFAULTS : with(serverTls());
        InetSocketAddress address = serve(options, () -> server);
        Thread reader =
                new Thread(
                        () -> {
                            try (Socket socket =
                                    kind.equals(PLAIN)
                                            ? new Socket(address.getAddress(), address.getPort())
                                            : identity.context
                                                    .getSocketFactory()
                                                    .createSocket(
                                                            address.getAddress(),
                                                            address.getPort())) {
                                socket.getOutputStream().write('x');
                                byte[] buffer = new byte[1 << 20];
                                while (socket.getInputStream().read(buffer) >= 0) {
                                    // discards what it reads
                                }
                            } catch (IOException e) {
                                failures.add(e);
                            }
                        });
        reader.start();
        runUntil(() -> server.received.length() == 1);
        int[] turns = new int[1];
        for (int i = 0; i < copies; i++) {
            server.connection.write(file, 0, SIZE, result);
        }
        runUntil(
                () -> {
                    turns[0]++;
                    return results.size() == copies;
                });
        assertThat(results).containsOnlyNulls();
        assertThat(turns[0]).isGreaterThan(copies * (SIZE >> 20) / 2);
        server.connection.close();
        runUntil(server::isClosed);
        reader.join();
    }
}
