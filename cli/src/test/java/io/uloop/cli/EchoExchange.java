package io.uloop.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.uloop.poller.tck.ChildJava;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A client of an echo server that sends without reading until the server applies back-pressure, and
 * only then reads.
 */
final class EchoExchange {
    private static final int BLOCK = 64 * 1024;

    private final Socket socket;
    private final long size;
    private final AtomicLong sent = new AtomicLong();
    private final MessageDigest sentDigest = sha256();
    private volatile @Nullable Exception failure;

    private EchoExchange(Socket socket, long size) {
        this.socket = socket;
        this.size = size;
    }

    /** Sends the given number of bytes and checks that all of them come back. */
    static void run(InetSocketAddress server, long size) throws Exception {
        try (Socket socket = new Socket()) {
            socket.setReceiveBufferSize(BLOCK); // before connecting, as it limits the window
            socket.setSendBufferSize(BLOCK);
            socket.setSoTimeout(ServerThread.TIMEOUT_MILLIS);
            socket.connect(server, ServerThread.TIMEOUT_MILLIS);
            new EchoExchange(socket, size).run();
        }
    }

    private void run() throws Exception {
        Thread sender = new Thread(this::send, "test-sender");
        sender.start();
        awaitStandstill();
        assertThat(sent).as("bytes sent before reading any").hasValueLessThan(size);

        MessageDigest received = sha256();
        long count = 0;
        byte[] block = new byte[BLOCK];
        InputStream in = socket.getInputStream();
        for (int n = in.read(block); n >= 0; n = in.read(block)) {
            received.update(block, 0, n);
            count += n;
        }
        sender.join(ServerThread.TIMEOUT_MILLIS);
        assertThat(failure).isNull();
        assertThat(count).isEqualTo(size);
        assertThat(hex(received)).isEqualTo(hex(sentDigest));
    }

    private void send() {
        SplittableRandom random = new SplittableRandom(7);
        byte[] block = new byte[BLOCK];
        try {
            OutputStream out = socket.getOutputStream();
            while (sent.get() < size) {
                random.nextBytes(block);
                int count = (int) Math.min(BLOCK, size - sent.get());
                sentDigest.update(block, 0, count);
                out.write(block, 0, count);
                sent.addAndGet(count);
            }
            socket.shutdownOutput(); // while most of the data has not come back yet
        } catch (IOException e) {
            failure = e;
        }
    }

    /** Waits until the sender blocks because the server and the kernel accept no more data. */
    private void awaitStandstill() {
        AtomicLong last = new AtomicLong();
        await("the sender to block")
                .atMost(ChildJava.DEADLINE)
                .pollInterval(Duration.ofMillis(200))
                .until(
                        () -> {
                            long now = sent.get();
                            return last.getAndSet(now) == now && now > 0;
                        });
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    private static String hex(MessageDigest digest) {
        return HexFormat.of().formatHex(digest.digest());
    }
}
