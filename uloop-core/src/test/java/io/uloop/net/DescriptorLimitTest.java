package io.uloop.net;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.uloop.ChildJvm;
import io.uloop.EachBackend;
import io.uloop.Uloop;
import io.uloop.poller.UEvent;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** A server that may have fewer descriptors than there are clients. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "it has no ulimit")
class DescriptorLimitTest extends EachBackend {
    private static final int CLIENTS = 600;

    /** Those that are served, in the order of their answers. */
    private final Deque<TcpChannel> served = new ArrayDeque<>();

    private int answers;

    @Test
    void everyClientIsServedThoughTheLimitIsReachedAgainAndAgain() throws Exception {
        Process server =
                ChildJvm.start(
                        List.of("sh", "-c", "ulimit -n 200; exec \"$@\"", "limited"),
                        List.of("-XX:-UseContainerSupport", "-Duloop.poller=" + provider.name()),
                        Server.class);
        try (BufferedReader said =
                new BufferedReader(new InputStreamReader(server.getInputStream(), UTF_8))) {
            String line = said.readLine();
            while (!line.startsWith("port ")) {
                line = said.readLine();
            }
            int port = Integer.parseInt(line.substring("port ".length()));
            long start = System.nanoTime();
            for (int i = 0; i < CLIENTS; i++) {
                connect(port, i);
            }
            int limit = fillUp();
            assertThat(limit).isLessThan(200);
            while (answers < CLIENTS) { // the one that leaves makes room for one that waits
                served.remove().close();
                int reached = Math.min(CLIENTS, answers + 1);
                runUntil(() -> answers >= reached || served.size() > limit / 2);
            }
            for (TcpChannel client : served) {
                client.close();
            }
            connect(port, 0); // and leaves the limit again
            runUntil(() -> answers == CLIENTS + 1);
            served.getLast().close();
            server.getOutputStream().close();
            List<String> rest = said.lines().toList();
            long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start);
            assertThat(server.waitFor(20, TimeUnit.SECONDS)).isTrue();
            assertServer(rest, seconds);
        } finally {
            server.destroyForcibly().waitFor();
        }
    }

    /** Until the server takes no more; tells how many it has taken. */
    private int fillUp() throws IOException {
        int before;
        do {
            before = answers;
            long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(500);
            while (System.nanoTime() - end < 0) {
                loop.runOnce(TimeUnit.MILLISECONDS.toNanos(50));
            }
        } while (answers > before || answers == 0);
        return answers;
    }

    private static void assertServer(List<String> said, long seconds) {
        List<String> warnings = said.stream().filter(line -> line.contains("pauses")).toList();
        assertThat(warnings).as("%s", said).isNotEmpty();
        assertThat(warnings.size()).isLessThanOrEqualTo((int) seconds + 2);
        assertThat(warnings.get(0)).contains("EMFILE").contains("ulimit -n");
        String last = said.get(said.size() - 1);
        assertThat(last).startsWith("accepted " + (CLIENTS + 1) + ", turns ");
        // Two turns per connection and per its end, and twenty a second while it pauses.
        int turns = Integer.parseInt(last.substring(last.lastIndexOf(' ') + 1));
        assertThat(turns).isLessThan(10 * CLIENTS + 40 * (int) (seconds + 1));
    }

    private void connect(int port, int number) throws IOException {
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        TcpChannel client = closing(TcpChannel.connect(loop, address));
        ByteBuffer message = ByteBuffer.allocate(Integer.BYTES).putInt(number).flip();
        client.register(
                UEvent.OUT,
                (fd, events) -> {
                    client.write(message);
                    client.unregister();
                    ByteBuffer answer = ByteBuffer.allocate(Integer.BYTES);
                    client.register(
                            UEvent.IN,
                            (sameFd, ready) -> {
                                assertThat(client.read(answer)).isEqualTo(Integer.BYTES);
                                assertThat(answer.getInt(0)).isEqualTo(number);
                                answers++;
                                served.add(client);
                                client.unregister();
                            });
                });
    }

    /** Echoes, and keeps every connection until the client ends it; ends with its input. */
    static final class Server {
        private static final ByteBuffer BYTES = ByteBuffer.allocateDirect(64);
        private static int accepted;
        private static int turns;

        private Server() {}

        public static void main(String[] arguments) throws IOException {
            ChildJvm.loadClasses();
            System.getLogger("io.uloop.net").log(System.Logger.Level.WARNING, "ready to log");
            try (Uloop loop = Uloop.open();
                    TcpListener listener =
                            TcpListener.open(
                                    loop,
                                    new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
                listener.register(
                        channel -> {
                            accepted++;
                            channel.register(UEvent.IN, (fd, events) -> echo(channel));
                        });
                loop.addAfterPoll(() -> turns++);
                int port = ((InetSocketAddress) listener.getLocalAddress()).getPort();
                System.out.println("port " + port);
                new Thread(() -> stopAtEndOfInput(loop)).start();
                loop.run();
            }
            System.out.println("accepted " + accepted + ", turns " + turns);
        }

        private static void echo(TcpChannel channel) throws IOException {
            if (channel.read(BYTES.clear()) < 0) {
                channel.close();
            } else {
                channel.write(BYTES.flip());
            }
        }

        private static void stopAtEndOfInput(Uloop loop) {
            try {
                while (System.in.read() >= 0) {}
            } catch (IOException e) {
                e.printStackTrace(System.out);
            }
            loop.stop();
        }
    }
}
