package io.uloop.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.uloop.poller.tck.ChildJava;
import io.uloop.poller.tck.KeyStores;
import io.uloop.poller.tck.NoDescriptorLeak;
import java.io.BufferedReader;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Starts each example that serves clients, and asks it. */
@ExtendWith(NoDescriptorLeak.class)
@SuppressWarnings("try") // some clients end before their block
class ServersTest {
    private final Instant start = Instant.now();

    @Test
    void daytimeAnswersWithTheTime() throws Exception {
        try (Program server = Program.start(Daytime.class);
                Socket client = Program.connect(server.address())) {
            assertAnswersWithTheTime(client);
            assertAnswersWithTheTime(client);
        }
    }

    @Test
    void timeServerAnswersWithTheTimeAndPrintsItPeriodically() throws Exception {
        try (Program server = Program.start(TimeServer.class)) {
            InetSocketAddress address = server.address();
            for (int i = 0; i < 2; i++) {
                try (Socket client = Program.connect(address)) {
                    assertAnswersWithTheTime(client);
                    assertAnswersWithTheTime(client);
                }
            }
            assertIsNow(server.line());
            assertIsNow(server.line());
        }
    }

    @Test
    void udpTimeServerAnswersWithTheTime() throws Exception {
        try (Program server = Program.start(UdpTimeServer.class)) {
            InetSocketAddress address = server.address();
            assertIsNow(ask(address, "time?").strip());
            assertIsNow(ask(address, "and now?").strip());
        }
    }

    @Test
    void echoReturnsWhatClientsSend() throws Exception {
        try (Program server = Program.start(Echo.class)) {
            InetSocketAddress address = server.address();
            assertEchoes(address);
            assertAppliesBackPressure(address);
        }
    }

    @Test
    void udpEchoReturnsDatagrams() throws Exception {
        try (Program server = Program.start(UdpEcho.class)) {
            InetSocketAddress address = server.address();
            assertThat(ask(address, "hello")).isEqualTo("hello");
            assertThat(ask(address, "hello again")).isEqualTo("hello again");
        }
    }

    @Test
    void chatForwardsMessagesToTheOthers() throws Exception {
        try (Program server = Program.start(Chat.class)) {
            assertForwardsMessages(server.address());
        }
    }

    @Test
    void chatDisconnectsAMemberThatDoesNotRead() throws Exception {
        try (Program server = Program.start(Chat.class)) {
            assertDisconnectsASilentMember(server.address());
        }
    }

    @Test
    void keyValuesAnswersEachLine() throws Exception {
        try (Program server = Program.start(KeyValues.class);
                Socket client = Program.connect(server.address())) {
            Program.send(client, "GET color\nSET color dark bl");
            assertThat(Program.receiveLine(client)).isEqualTo("NONE");
            Program.send(client, "ue\r\nGET color\nGET\nSET x\nFLY\n\nQUIT\nGET color\n");
            List<String> answers =
                    List.of(
                            "OK",
                            "VALUE dark blue",
                            "NONE",
                            "ERROR usage: SET key value",
                            "ERROR unknown command",
                            "ERROR unknown command");
            for (String answer : answers) {
                assertThat(Program.receiveLine(client)).isEqualTo(answer);
            }
            assertThat(client.getInputStream().read()).as("after QUIT").isEqualTo(-1);
        }
    }

    @Test
    void keyValuesDisconnectsAClientWithoutLineEnds() throws Exception {
        try (Program server = Program.start(KeyValues.class);
                Socket client = Program.connect(server.address())) {
            Program.send(client, "x".repeat(2000));
            Program.assertEnds(client);
        }
    }

    @Test
    void keyValuesAppliesBackPressure() throws Exception {
        try (Program server = Program.start(KeyValues.class)) {
            InetSocketAddress address = server.address();
            int commands = 20_000;
            try (Socket client = Program.connect(address)) {
                Program.send(client, "SET x " + "x".repeat(900) + "\n");
                Thread talk =
                        new Thread(
                                () -> {
                                    try {
                                        Program.send(client, "GET x\n".repeat(commands));
                                    } catch (IOException e) {
                                        throw new UncheckedIOException(e);
                                    }
                                },
                                "talk");
                talk.start();
                BufferedReader answers =
                        new BufferedReader(new InputStreamReader(client.getInputStream(), UTF_8));
                assertThat(answers.readLine()).isEqualTo("OK");
                for (int i = 0; i < commands; i++) {
                    assertThat(answers.readLine()).hasSize(906);
                }
                talk.join();
            }
        }
    }

    @Test
    void checksumsAnswersEachMessage() throws Exception {
        try (Program server = Program.start(Checksums.class);
                Socket client = Program.connect(server.address())) {
            DataOutputStream output = new DataOutputStream(client.getOutputStream());
            DataInputStream input = new DataInputStream(client.getInputStream());
            for (int length : new int[] {5, 0, 100_000, 1 << 20}) {
                byte[] message = new byte[length];
                Arrays.fill(message, (byte) length);
                output.writeInt(length);
                output.write(message);
                CRC32C expected = new CRC32C();
                expected.update(message);
                assertThat(input.readInt()).isEqualTo(4);
                assertThat(input.readInt()).isEqualTo((int) expected.getValue());
            }
            output.writeInt(Integer.MAX_VALUE);
            Program.assertEnds(client);
            assertThat(server.line()).contains("a frame of 2147483647 bytes; the limit is 1048576");
        }
    }

    @Test
    void lineProxyForwardsWholeLinesBothWays() throws Exception {
        try (ServerSocket target = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Program proxy = startProxy(target.getLocalPort());
                Socket client = Program.connect(proxy.address());
                Socket server = target.accept()) {
            server.setSoTimeout(Program.TIMEOUT_MILLIS);
            Program.send(client, "one\ntw");
            assertThat(Program.receiveLine(server)).isEqualTo("one");
            Program.send(server, "answer 1\n");
            assertThat(Program.receiveLine(client)).isEqualTo("answer 1");
            assertThat(server.getInputStream().available()).as("part of a line").isZero();
            Program.send(client, "o\n");
            assertThat(Program.receiveLine(server)).isEqualTo("two");
            client.shutdownOutput();
            assertThat(server.getInputStream().read()).isEqualTo(-1);
            Program.send(server, "last answer\n");
            server.close();
            assertThat(Program.receiveLine(client)).isEqualTo("last answer");
            assertThat(client.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void lineProxyAppliesBackPressure() throws Exception {
        try (Program server = Program.start(Echo.class);
                Program proxy = startProxy(server.address().getPort())) {
            assertAppliesBackPressure(proxy.address());
        }
    }

    @Test
    void lineProxyDisconnectsClientsIfThereIsNoServer() throws Exception {
        int port;
        try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = closed.getLocalPort();
        }
        try (Program proxy = startProxy(port)) {
            InetSocketAddress address = proxy.address();
            for (int i = 0; i < 2; i++) { // the second one ends after callbacks of the first
                try (Socket client = Program.connect(address)) {
                    Program.assertEnds(client);
                }
            }
            proxy.assertNoFailures();
        }
    }

    @Test
    void manyLoopsServeOnSeveralThreads() throws Exception {
        try (Program server =
                Program.start(List.of("-XX:ActiveProcessorCount=4"), ManyLoops.class)) {
            InetSocketAddress address = server.address();
            Set<String> loops = new HashSet<>();
            await().until(
                            () -> {
                                try (Socket client = Program.connect(address)) {
                                    String greeting = Program.receiveLine(client);
                                    assertThat(greeting).startsWith("served by echo-");
                                    loops.add(greeting);
                                    Program.send(client, "hello\n");
                                    assertThat(Program.receiveLine(client)).isEqualTo("hello");
                                }
                                return loops.size() > 1;
                            });
        }
    }

    @Test
    void tlsClientAsksTlsServer(@TempDir Path folder) throws Exception {
        Path keys = KeyStores.create(folder.resolve("echo.p12"), "password");
        try (Program server = Program.start(List.of("-Dkeys=" + keys), TlsServer.class)) {
            String port = "-Dport=" + server.address().getPort();
            try (Program client =
                    Program.start(List.of(port, "-Dtrusted=" + keys), TlsClient.class)) {
                assertThat(client.rest()).isEqualTo("hello\nclosed\n");
            }
        }
    }

    static void assertForwardsMessages(InetSocketAddress chat) throws IOException {
        try (Socket ann = Program.connect(chat);
                Socket ben = Program.connect(chat)) {
            assertThat(Program.receiveLine(ann)).isEqualTo("* visitor 2 joined");
            Program.send(ann, "hello\n");
            assertThat(Program.receiveLine(ben)).isEqualTo("hello");
            Program.send(ben, "hi\n");
            assertThat(Program.receiveLine(ann)).isEqualTo("hi");
            ben.close();
            assertThat(Program.receiveLine(ann)).isEqualTo("* a visitor left");
        }
    }

    static void assertDisconnectsASilentMember(InetSocketAddress chat) throws Exception {
        try (Socket silent = new Socket()) {
            silent.setReceiveBufferSize(4096);
            silent.connect(chat);
            try (Socket speaker = Program.connect(chat)) {
                byte[] message = new byte[64 * 1024];
                Arrays.fill(message, (byte) '\n');
                Thread talk = new Thread(() -> writeUntilFailure(speaker, message), "talk");
                talk.start();
                assertThat(Program.receiveLine(speaker)).isEqualTo("* a visitor left");
                speaker.close();
                talk.join();
            }
        }
    }

    private static Program startProxy(int port) throws IOException {
        return Program.start(List.of("-Dserver=" + port), LineProxy.class);
    }

    static void assertEchoes(InetSocketAddress address) throws IOException {
        try (Socket client = Program.connect(address)) {
            Program.send(client, "hello\n");
            assertThat(Program.receiveLine(client)).isEqualTo("hello");
            client.shutdownOutput();
            assertThat(client.getInputStream().read()).isEqualTo(-1);
        }
    }

    /** Sends without reading until that blocks, and then checks that everything comes back. */
    static void assertAppliesBackPressure(InetSocketAddress address) throws Exception {
        byte[] line = "0123456789\n".repeat(5000).getBytes(UTF_8);
        AtomicLong sent = new AtomicLong();
        try (Socket client = Program.connect(address)) {
            Thread sender = new Thread(() -> writeUntilFailure(client, line, sent), "sender");
            sender.start();
            AtomicLong before = new AtomicLong();
            await().atMost(ChildJava.DEADLINE)
                    .pollInterval(Duration.ofMillis(300))
                    .until(() -> sent.get() > 0 && before.getAndSet(sent.get()) == sent.get());
            long blocked = sent.get();
            assertThat(client.getInputStream().readNBytes((int) blocked)).hasSize((int) blocked);
            await().atMost(ChildJava.DEADLINE).until(() -> sent.get() > blocked);
            client.close();
            sender.join();
        }
    }

    private static void writeUntilFailure(Socket socket, byte[] message) {
        writeUntilFailure(socket, message, new AtomicLong());
    }

    private static void writeUntilFailure(Socket socket, byte[] message, AtomicLong sent) {
        try {
            OutputStream out = socket.getOutputStream();
            while (!socket.isClosed()) {
                out.write(message);
                sent.addAndGet(message.length);
            }
        } catch (IOException e) {
            // The test has closed the socket.
        }
    }

    private void assertAnswersWithTheTime(Socket client) throws IOException {
        Program.send(client, "time?");
        assertIsNow(Program.receiveLine(client));
    }

    private void assertIsNow(String text) {
        assertThat(Instant.parse(text)).isBetween(start, Instant.now());
    }

    /** Sends a datagram and returns the answer. The loopback interface loses neither. */
    private static String ask(InetSocketAddress address, String text) throws IOException {
        byte[] bytes = text.getBytes(UTF_8);
        try (DatagramSocket client = new DatagramSocket()) {
            client.setSoTimeout(Program.TIMEOUT_MILLIS);
            client.connect(address);
            client.send(new DatagramPacket(bytes, bytes.length));
            DatagramPacket answer = new DatagramPacket(new byte[2048], 2048);
            client.receive(answer);
            return new String(answer.getData(), 0, answer.getLength(), UTF_8);
        }
    }
}
