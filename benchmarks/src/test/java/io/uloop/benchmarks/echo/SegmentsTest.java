package io.uloop.benchmarks.echo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Load of segmented datagrams, which only the C load generator supports. */
final class SegmentsTest {
    private static final int SEGMENTS = 8;
    private static final Scenario SCENARIO =
            Scenario.messages("segments", Transport.UDP, 2, 100).withSegments(SEGMENTS);

    private static @Nullable Programs programs;
    private static final List<String> CHEAP = List.of("-XX:TieredStopAtLevel=1");

    private static Launcher launcher = new Launcher(null, Cpus.NONE, CHEAP);

    @BeforeAll
    static void compile() throws Exception {
        programs = Programs.find();
        launcher = new Launcher(programs, Cpus.NONE, CHEAP);
    }

    @AfterAll
    static void delete() throws Exception {
        if (programs != null) {
            programs.close();
        }
    }

    @Test
    void requiresACompiler() throws Exception {
        Launcher bare = new Launcher(null, Cpus.NONE, List.of());

        assertThat(bare.unavailability(SCENARIO)).contains("no C compiler");
    }

    @ParameterizedTest
    @EnumSource(names = {"C", "C_BATCH", "ULOOP_BATCH", "NETTY_SEGMENTS", "NIO"})
    void countsEverySegment(Contender contender) throws Exception {
        requireSegments();
        assumeThat(launcher.unavailability(contender)).isNull();
        try (ChildProcess server = launcher.server(contender, Transport.UDP)) {
            long[] numbers = runAgainst(server.port());

            assertThat(numbers[0]).isGreaterThanOrEqualTo(2 * SEGMENTS);
            assertThat(numbers[0] % SEGMENTS).isZero();
        }
    }

    @Test
    void lossOfASegmentResendsTheGroup() throws Exception {
        requireSegments();
        try (DatagramSocket server = answering((number, bytes) -> number == 3 ? null : bytes)) {
            long[] numbers = runAgainst(server.getLocalPort());

            assertThat(numbers[0] % SEGMENTS).isZero();
            assertThat(numbers[2]).as("lost").isPositive();
        }
    }

    @Test
    void changedEchoFailsTheRun() throws Exception {
        requireSegments();
        try (DatagramSocket server = answering(SegmentsTest::lastByteChanged)) {
            assertRunEndsAgainst(server);
        }
    }

    @Test
    void mergedDatagramsFailTheRun() throws Exception {
        requireSegments();
        try (DatagramSocket server =
                answering((number, bytes) -> Arrays.copyOf(bytes, 2 * bytes.length))) {
            assertRunEndsAgainst(server);
        }
    }

    private void requireSegments() throws IOException {
        assumeThat(launcher.unavailability(SCENARIO)).isNull();
    }

    private void assertRunEndsAgainst(DatagramSocket server) {
        assertThatThrownBy(() -> runAgainst(server.getLocalPort()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("the load generator exited");
    }

    private long[] runAgainst(int port) throws IOException {
        try (ChildProcess load = launcher.load(SCENARIO, port, 0)) {
            return Arrays.stream(load.ask("run 50 0", "DONE ").split(" ", -1))
                    .limit(3)
                    .mapToLong(Long::parseLong)
                    .toArray();
        }
    }

    private static byte[] lastByteChanged(int number, byte[] bytes) {
        bytes[bytes.length - 1]++;
        return bytes;
    }

    /** Starts a server that answers datagrams, numbered from 0, as the function says. */
    private static DatagramSocket answering(Answer answer) throws SocketException {
        DatagramSocket socket =
                new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        Thread thread = new Thread(() -> serve(socket, answer), "answers");
        thread.setDaemon(true);
        thread.start();
        return socket;
    }

    private static void serve(DatagramSocket socket, Answer answer) {
        byte[] buffer = new byte[65_536];
        try {
            for (int number = 0; ; number++) {
                DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
                socket.receive(packet);
                byte[] bytes = answer.to(number, Arrays.copyOf(buffer, packet.getLength()));
                if (bytes != null) {
                    packet.setData(bytes);
                    socket.send(packet);
                }
            }
        } catch (IOException e) {
            if (!socket.isClosed()) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private interface Answer {
        byte @Nullable [] to(int number, byte[] bytes);
    }
}
