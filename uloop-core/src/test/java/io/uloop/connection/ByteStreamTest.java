package io.uloop.connection;

import static io.uloop.connection.RecordingHandler.Call.CLOSED;
import static io.uloop.connection.RecordingHandler.Call.INPUT_CLOSED;
import static io.uloop.connection.RecordingHandler.Call.OPENED;
import static io.uloop.connection.RecordingHandler.Call.RECEIVED;
import static io.uloop.connection.RecordingHandler.Call.WRITABLE;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.uloop.Uloop;
import io.uloop.net.ByteStream;
import io.uloop.net.PipeChannel;
import io.uloop.net.TcpChannel;
import io.uloop.net.UnixChannel;
import io.uloop.poller.NativeDescriptors;
import io.uloop.poller.PollerException;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.Pipe;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Connections of streams that are not TCP sockets. */
class ByteStreamTest extends EachTlsConnection {
    private static final int LARGE = 1 << 20;

    @TempDir private Path directory;

    private NativeDescriptors natives() {
        assumeTrue(io instanceof NativeDescriptors, "requires a native backend");
        return NativeDescriptors.of(provider);
    }

    private Connection open(ByteStream stream, RecordingHandler handler) {
        return Connection.open(stream, ConnectionOptions.DEFAULTS, handler);
    }

    /** Opens {@link #client} on the write end of a pipe and {@link #server} on its read end. */
    private void openPipe() throws IOException {
        PipeChannel.Ends ends = PipeChannel.open(loop);
        open(ends.sink(), client);
        open(ends.source(), server);
        assertThat(client.calls).containsExactly(OPENED);
        assertThat(server.calls).containsExactly(OPENED);
    }

    @Test
    void pipeCarriesBytesToItsEnd() throws IOException {
        openPipe();
        assertThat(client.connection.write(bytes("hello"))).isTrue();
        runUntil(() -> server.received.toString().equals("hello"));
        client.connection.close();
        runUntilBothClosed();
        assertThat(server.calls).containsExactly(OPENED, RECEIVED, INPUT_CLOSED, CLOSED);
        assertThat(client.calls).containsExactly(OPENED, CLOSED);
        assertThat(client.cause).isNull();
        assertThat(server.cause).isNull();
        assertThat(loop.toString()).contains("timers=0", "descriptors=0");
    }

    @Test
    void fullPipeHasBackPressureAndCloseSendsEverything() throws IOException {
        openPipe();
        server.connection.pauseReading();
        List<Throwable> results = new ArrayList<>();
        assertThat(client.connection.write(ByteBuffer.allocate(LARGE), results::add)).isFalse();
        client.connection.close();
        int[] turns = new int[1];
        runUntil(() -> turns[0]++ > 5);
        assertThat(client.isClosed()).isFalse();
        server.connection.resumeReading();
        runUntilBothClosed();
        assertThat(server.received).hasSize(LARGE);
        assertThat(results).hasSize(1).containsOnlyNulls();
        assertThat(client.cause).isNull();
    }

    @Test
    void writableIsCalledWhenThePipeHasDrained() throws IOException {
        openPipe();
        client.connection.write(ByteBuffer.allocate(LARGE));
        runUntil(() -> client.has(WRITABLE) && server.received.length() == LARGE);
        client.connection.abort();
        runUntilBothClosed();
    }

    @Test
    void halfCloseEndsAWriteOnlyStream() throws IOException {
        openPipe();
        client.connection.write(bytes("last"));
        client.connection.shutdownOutput();
        runUntilBothClosed();
        assertThat(server.received).hasToString("last");
        assertThat(client.cause).isNull();
    }

    @Test
    void writesToASourceAreDropped() throws IOException {
        openPipe();
        List<Throwable> results = new ArrayList<>();
        assertThat(server.connection.isWritable()).isFalse();
        assertThat(server.connection.write(bytes("x"), results::add)).isFalse();
        runUntil(() -> !results.isEmpty());
        assertThat(results).doesNotContainNull();
        assertThat(server.connection.isOpen()).isTrue();
        server.connection.close();
        runUntil(server::isClosed);
        assertThat(server.cause).isNull();
    }

    @Test
    void sinkNoticesThatItsReaderIsGone() throws IOException {
        assumeTrue((provider.supportedEvents() & UEvent.ERR) != 0, "the backend has no hints");
        openPipe();
        server.connection.close();
        runUntilBothClosed();
        assertThat(client.calls).containsExactly(OPENED, INPUT_CLOSED, CLOSED);
        assertThat(client.cause).isNull();
    }

    @Test
    void pendingBytesFailIfTheReaderIsGone() throws IOException {
        openPipe();
        server.connection.pauseReading();
        client.connection.write(ByteBuffer.allocate(LARGE));
        server.connection.abort();
        runUntilBothClosed();
        assertThat(client.cause).isInstanceOf(IOException.class).hasMessageContaining("EPIPE");
    }

    @Test
    void pipesAreJoinedToAStreamInBothDirections() throws IOException {
        PipeChannel.Ends there = PipeChannel.open(loop);
        PipeChannel.Ends back = PipeChannel.open(loop);
        open(ByteStream.of(back.source(), there.sink()), client);
        open(ByteStream.of(there.source(), back.sink()), server);
        server.on(RECEIVED, by -> by.write(ByteBuffer.allocate(LARGE)));
        server.on(INPUT_CLOSED, by -> {});
        client.connection.write(bytes("question"));
        runUntil(() -> client.received.length() == LARGE);
        client.connection.shutdownOutput();
        runUntil(() -> server.has(INPUT_CLOSED));
        server.on(RECEIVED, by -> {});
        assertThat(server.connection.write(bytes("!"))).isTrue();
        runUntil(() -> client.received.length() == LARGE + 1);
        server.connection.close();
        runUntilBothClosed();
        assertThat(client.cause).isNull();
        assertThat(server.cause).isNull();
        assertThat(loop.toString()).contains("timers=0", "descriptors=0");
    }

    @Test
    void tlsRunsOverPipes() throws IOException {
        PipeChannel.Ends there = PipeChannel.open(loop);
        PipeChannel.Ends back = PipeChannel.open(loop);
        Connection.open(ByteStream.of(back.source(), there.sink()), with(clientTls()), client);
        Connection.open(ByteStream.of(there.source(), back.sink()), with(serverTls()), server);
        runUntil(() -> client.isOpened() && server.isOpened());
        SSLSession session = server.connection.sslSession();
        assertThat(session.getProtocol()).isEqualTo(TLS_1_3);
        client.connection.write(ByteBuffer.allocate(LARGE));
        runUntil(() -> server.received.length() == LARGE);
        client.connection.close();
        runUntilBothClosed();
        assertThat(client.cause).isNull();
        assertThat(server.cause).isNull();
    }

    @Test
    void streamsOfTwoLoopsAreNotJoined() throws IOException {
        Uloop other = build(provider);
        PipeChannel.Ends here = PipeChannel.open(loop);
        PipeChannel.Ends there = PipeChannel.open(other);
        assertThatThrownBy(() -> ByteStream.of(here.source(), there.sink()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("different loops");
        for (PipeChannel end : List.of(here.source(), here.sink(), there.source(), there.sink())) {
            end.close();
        }
    }

    @Test
    void fileIsSentToAPipe() throws IOException {
        openPipe();
        byte[] content = "0123456789".repeat(30_000).getBytes(ISO_8859_1);
        Path path = Files.write(directory.resolve("file"), content);
        try (FileChannel file = FileChannel.open(path)) {
            client.connection.write(bytes("head "));
            client.connection.write(file, 0, content.length);
            client.connection.write(bytes(" tail"));
            client.connection.close();
            runUntilBothClosed();
        }
        assertThat(server.received)
                .hasToString("head " + new String(content, ISO_8859_1) + " tail");
    }

    @Test
    void streamWithoutSocketHasNoAddressesAndOptions() throws IOException {
        openPipe();
        assertThat(client.connection.localAddress()).isNull();
        assertThat(client.connection.remoteAddress()).isNull();
        assertThatThrownBy(() -> client.connection.setOption(StandardSocketOptions.SO_SNDBUF, 1))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("is not a socket");
        client.connection.close();
        runUntilBothClosed();
    }

    @Test
    void closedLoopEndsPipes() throws IOException {
        openPipe();
        loop.close();
        assertThat(client.isClosed()).isTrue();
        assertThat(server.isClosed()).isTrue();
    }

    @Test
    void pipeOfTheJdkIsAdopted() throws IOException {
        Pipe pipe = Pipe.open();
        open(PipeChannel.adopt(loop, pipe.sink()), client);
        open(PipeChannel.adopt(loop, pipe.source()), server);
        client.connection.write(bytes("hello"));
        client.connection.close();
        runUntilBothClosed();
        assertThat(server.received).hasToString("hello");
        assertThat(pipe.sink().isOpen()).isFalse();
        assertThat(pipe.source().isOpen()).isFalse();
        try (SocketChannel socket = SocketChannel.open()) {
            SelectableChannel other = socket;
            assertThatThrownBy(() -> PipeChannel.adopt(loop, other))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void endOfAJdkPipeCannotBeDetached() throws IOException {
        Pipe pipe = Pipe.open();
        try (PipeChannel sink = PipeChannel.adopt(loop, pipe.sink())) {
            assertThatThrownBy(sink::detach).isInstanceOf(UnsupportedOperationException.class);
        }
        pipe.source().close();
    }

    @Test
    void fifoIsReadUntilItsWriterCloses() throws Exception {
        NativeDescriptors natives = natives();
        Path path = directory.resolve("fifo");
        assertThat(new ProcessBuilder("mkfifo", path.toString()).start().waitFor()).isZero();
        int reader = natives.open(path, StandardOpenOption.READ);
        open(PipeChannel.adopt(loop, reader), server);
        int writer = natives.open(path, StandardOpenOption.WRITE);
        open(PipeChannel.adopt(loop, writer), client);
        client.connection.write(bytes("through the FIFO"));
        client.connection.close();
        runUntilBothClosed();
        assertThat(server.received).hasToString("through the FIFO");
        assertThat(server.has(INPUT_CLOSED)).isTrue();
    }

    @Test
    void terminalAndItsMasterTalk() throws IOException {
        NativeDescriptors.Pty pty = natives().pty();
        open(PipeChannel.adopt(loop, pty.master()), client);
        open(PipeChannel.adopt(loop, pty.slave()), server);
        server.on(RECEIVED, by -> by.write(bytes("yes")));
        client.connection.write(bytes("ready?"));
        runUntil(() -> client.received.toString().equals("yes"));
        assertThat(server.received).hasToString("ready?");
        server.connection.write(bytes(" bye"));
        server.connection.close(); // does not wait for the other side
        runUntil(server::isClosed);
        runUntil(client::isClosed);
        assertThat(client.received).hasToString("yes bye");
        assertThat(client.calls).endsWith(INPUT_CLOSED, CLOSED);
        assertThat(client.cause).isNull();
        assertThat(server.cause).isNull();
    }

    @Test
    void unixSocketsTalk() throws IOException {
        natives();
        UnixChannel.Pair pair = UnixChannel.pair(loop);
        open(pair.first(), client);
        open(pair.second(), server);
        server.on(RECEIVED, by -> by.write(bytes("pong")));
        client.connection.write(bytes("ping"));
        runUntil(() -> client.received.toString().equals("pong"));
        client.connection.close();
        runUntilBothClosed();
        assertThat(server.cause).isNull();
    }

    @Test
    void fileIsNotAStream() throws IOException {
        Path path = Files.writeString(directory.resolve("file"), "text");
        int fd = natives().open(path, StandardOpenOption.READ);
        open(PipeChannel.adopt(loop, fd), server);
        assertThat(server.openFailure)
                .isInstanceOf(PollerException.class)
                .hasMessageContaining("EPERM");
        assertThat(server.calls).isEmpty();
    }

    @Test
    void closedStreamCannotBeOpened() throws IOException {
        PipeChannel.Ends ends = PipeChannel.open(loop);
        ends.sink().close();
        ends.source().close();
        open(ends.source(), server);
        assertThat(server.openFailure).isNotNull();
        TcpChannel socket = TcpChannel.open(loop, loopbackFamily());
        assertThat(socket.directions()).isEqualTo(UEvent.IN | UEvent.OUT);
        socket.close();
    }

    @Test
    void streamThatCannotBeRegisteredIsClosedAndLeavesTheLoop() throws IOException {
        PipeChannel.Ends ends = PipeChannel.open(loop);
        closing(ends.sink());
        ByteStream broken =
                (ByteStream)
                        Proxy.newProxyInstance(
                                ByteStream.class.getClassLoader(),
                                new Class<?>[] {ByteStream.class},
                                (proxy, method, arguments) -> {
                                    if (method.getName().equals("register")) {
                                        throw new UnsupportedOperationException("no events");
                                    }
                                    return method.invoke(ends.source(), arguments);
                                });
        assertThatThrownBy(() -> open(broken, client))
                .isInstanceOf(UnsupportedOperationException.class);
        assertThat(ends.source().isOpen()).isFalse();
        loop.close();
        assertThat(client.calls).isEmpty();
    }
}
