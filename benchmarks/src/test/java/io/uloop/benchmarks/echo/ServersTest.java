package io.uloop.benchmarks.echo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.net.SocketFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every server on the JVM that can run here, each on a thread of this process. */
final class ServersTest {
    private static final int PATIENCE_MILLIS = 60_000;

    private static @Nullable TlsKey key;

    @BeforeAll
    static void createKey(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("key.p12");
        TlsKey.create(file);
        key = TlsKey.load(file);
    }

    static Stream<Arguments> streamServers() {
        return servers(EnumSet.of(Transport.TCP, Transport.TLS));
    }

    static Stream<Arguments> datagramServers() {
        return servers(EnumSet.of(Transport.UDP));
    }

    private static Stream<Arguments> servers(EnumSet<Transport> transports) {
        List<Arguments> servers = new ArrayList<>();
        for (Contender contender : Contender.values()) {
            for (Transport transport : transports) {
                if (!contender.isProgram() && contender.speaks(transport)) {
                    servers.add(Arguments.of(contender, transport));
                }
            }
        }
        return servers.stream();
    }

    /** The stream is larger than what the kernel buffers, so the server keeps a rest. */
    @ParameterizedTest
    @MethodSource("streamServers")
    void echoesAMessageAndAStream(Contender contender, Transport transport) throws Exception {
        boolean tls = transport == Transport.TLS;
        int port = start(contender, transport);
        SocketFactory sockets =
                tls ? key().context().getSocketFactory() : SocketFactory.getDefault();
        try (Socket socket = sockets.createSocket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(PATIENCE_MILLIS);
            assertEchoes(socket, 64);
            assertEchoes(socket, tls ? 1 << 20 : 12 << 20);
        }
    }

    @ParameterizedTest
    @MethodSource("datagramServers")
    void echoesADatagram(Contender contender, Transport transport) throws Exception {
        int port = start(contender, transport);
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.connect(InetAddress.getLoopbackAddress(), port);
            socket.setSoTimeout(PATIENCE_MILLIS);
            byte[] request = random(64);
            socket.send(new DatagramPacket(request, request.length));
            DatagramPacket reply = new DatagramPacket(new byte[100], 100);
            socket.receive(reply);

            assertThat(Arrays.copyOf(reply.getData(), reply.getLength())).isEqualTo(request);
        }
    }

    private static TlsKey key() {
        return Objects.requireNonNull(key);
    }

    /** Starts a server that lives as long as this process. Returns its port. */
    private static int start(Contender contender, Transport transport) throws Exception {
        assumeThat(contender.unavailability()).isNull();
        CompletableFuture<Integer> port = new CompletableFuture<>();
        InetSocketAddress local = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        TlsKey used = transport == Transport.TLS ? key() : null;
        Thread thread =
                new Thread(
                        () -> {
                            try {
                                EchoServer.serve(contender, transport, used, local, port::complete);
                            } catch (Exception | Error e) {
                                port.completeExceptionally(e);
                            }
                        },
                        contender + " over " + transport);
        thread.setDaemon(true);
        thread.start();
        return port.get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** Sends on another thread, as the server stops to read when its echo is not read. */
    private static void assertEchoes(Socket socket, int bytes) throws Exception {
        byte[] request = random(bytes);
        var sent =
                CompletableFuture.runAsync(
                        () -> {
                            try {
                                socket.getOutputStream().write(request);
                            } catch (IOException e) {
                                throw new UncheckedIOException(e);
                            }
                        });
        byte[] reply = new byte[bytes];
        InputStream input = socket.getInputStream();
        int count = input.readNBytes(reply, 0, bytes);
        sent.get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);

        assertThat(count).isEqualTo(bytes);
        assertThat(Arrays.equals(request, reply)).as("echo is intact").isTrue();
    }

    private static byte[] random(int bytes) {
        byte[] content = new byte[bytes];
        new Random(bytes).nextBytes(content);
        return content;
    }
}
