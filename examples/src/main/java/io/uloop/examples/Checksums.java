package io.uloop.examples;

import io.uloop.Uloop;
import io.uloop.connection.Connection;
import io.uloop.connection.ConnectionOptions;
import io.uloop.connection.frames.FrameHandler;
import io.uloop.connection.frames.LengthPrefix;
import io.uloop.net.TcpListener;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** Answers each message behind its length with its checksum, also behind its length. */
final class Checksums implements FrameHandler {
    private static final LengthPrefix FRAMES = LengthPrefix.bigEndian(4, 1 << 20);

    private final CRC32C checksum = new CRC32C();
    private final ByteBuffer answer = ByteBuffer.allocateDirect(4);

    private Checksums() {}

    public static void main(String[] arguments) throws IOException {
        var address = new InetSocketAddress("localhost", Integer.getInteger("port", 7004));
        ConnectionOptions options =
                ConnectionOptions.builder().idleTimeout(Duration.ofMinutes(5)).build();
        Checksums handler = new Checksums(); // handles all connections, one frame after the other
        try (Uloop loop = Uloop.open();
                TcpListener listener = TcpListener.open(loop, address)) {
            listener.register(Connection.acceptor(options, () -> FRAMES.handler(handler)));
            System.out.println("listening on " + listener.getLocalAddress());
            loop.run();
        }
    }

    @Override
    public void frame(Connection connection, ByteBuffer frame) {
        checksum.reset();
        checksum.update(frame);
        answer.clear().putInt((int) checksum.getValue()).flip();
        if (!FRAMES.write(connection, answer)) { // the answer can be reused at once
            connection.pauseReading();
        }
    }

    @Override
    public void writable(Connection connection) {
        connection.resumeReading();
    }

    @Override
    public void closed(Connection connection, @Nullable Throwable cause) {
        if (cause != null) { // such as a message of more than 1 MiB
            System.out.println("lost a client: " + cause.getMessage());
        }
    }
}
