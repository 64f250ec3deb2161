package io.uloop.net;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.uloop.EachBackend;
import io.uloop.Uloop;
import io.uloop.poller.Errno;
import io.uloop.poller.PollerException;
import io.uloop.poller.UEvent;
import io.uloop.poller.tck.ChildJava;
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

/** A server with fewer descriptors than clients. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "it has no ulimit")
class DescriptorLimitTest extends EachBackend {
    private static final int CLIENTS = 600;

    /** The served clients, in the order of their answers. */
    private final Deque<TcpChannel> served = new ArrayDeque<>();

    private int answers;

    private int resets;

    @Test
    void everyClientIsServedAtTheDescriptorLimit() throws Exception {
        withServer(
                (server, said, port) -> {
                    long start = System.nanoTime();
                    connectAll(port);
                    int limit = fillUp();
                    assertThat(limit).isLessThan(200);
                    while (answers < CLIENTS) { // each closed client makes room for a waiting one
                        served.remove().close();
                        int reached = Math.min(CLIENTS, answers + 1);
                        runUntil(() -> answers >= reached || served.size() > limit / 2);
                    }
                    leaveTheLimit(port);
                    assertThat(answers).isEqualTo(CLIENTS + 1);
                    List<String> rest = end(server, said);
                    long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start);
                    assertServer(rest, "connections wait", seconds);
                });
    }

    @Test
    void eachClientIsServedOrResetWithRefuseWhenFull() throws Exception {
        withServer(
                (server, said, port) -> {
                    long start = System.nanoTime();
                    connectAll(port);
                    runUntil(() -> answers + resets == CLIENTS);
                    assertThat(answers).isBetween(50, 199);
                    leaveTheLimit(port);
                    List<String> rest = end(server, said);
                    long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start);
                    assertServer(rest, "connections are refused", seconds);
                },
                "refuse");
    }

    /** Uses a server process with at most 200 descriptors, its output and its port. */
    private interface Use {
        void accept(Process server, BufferedReader said, int port) throws Exception;
    }

    private void withServer(Use use, String... arguments) throws Exception {
        Process server =
                ChildJava.of(Server.class, arguments)
                        .descriptorLimit(200)
                        .options("-Duloop.poller=" + provider.name())
                        .builder()
                        .redirectErrorStream(true)
                        .start();
        try (BufferedReader said =
                new BufferedReader(new InputStreamReader(server.getInputStream(), UTF_8))) {
            String line = said.readLine();
            while (!line.startsWith("port ")) {
                line = said.readLine();
            }
            use.accept(server, said, Integer.parseInt(line.substring("port ".length())));
        } finally {
            server.destroyForcibly().waitFor();
        }
    }

    private void connectAll(int port) throws IOException {
        for (int i = 0; i < CLIENTS; i++) {
            connect(port, i);
        }
    }

    private void leaveTheLimit(int port) throws IOException {
        for (TcpChannel client : served) {
            client.close();
        }
        int before = answers;
        int refused = resets;
        connect(port, 0);
        runUntil(
                () -> {
                    if (resets > refused) { // the server has not noticed the other closes yet
                        resets = refused;
                        unchecked(() -> connect(port, 0));
                    }
                    return answers > before;
                });
        served.getLast().close();
    }

    private static List<String> end(Process server, BufferedReader said) throws Exception {
        server.getOutputStream().close();
        List<String> rest = said.lines().toList();
        assertThat(server.waitFor(ChildJava.DEADLINE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        return rest;
    }

    /** Connects until the server accepts no more. Returns the number of accepted clients. */
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

    private void assertServer(List<String> said, String consequence, long seconds) {
        List<String> warnings = said.stream().filter(line -> line.contains(consequence)).toList();
        assertThat(warnings).as("%s", said).isNotEmpty();
        assertThat(warnings.size()).isLessThanOrEqualTo((int) seconds + 2);
        assertThat(warnings.get(0)).contains("EMFILE").contains("ulimit -n");
        String last = said.get(said.size() - 1);
        assertThat(last).startsWith("accepted " + answers + ", turns ");
        // Two turns per accept and per end, and twenty a second during pauses.
        int turns = Integer.parseInt(last.substring(last.lastIndexOf(' ') + 1));
        assertThat(turns).isLessThan(10 * CLIENTS + 40 * (int) (seconds + 1));
    }

    private TcpChannel connect(int port, int number) throws IOException {
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        TcpChannel client = closing(TcpChannel.connect(loop, address));
        ByteBuffer message = ByteBuffer.allocate(Integer.BYTES).putInt(number).flip();
        client.register(
                UEvent.OUT,
                (fd, events) -> {
                    try {
                        client.finishConnect();
                        client.write(message);
                    } catch (PollerException e) {
                        reset(client, e);
                        return;
                    }
                    client.unregister();
                    client.register(UEvent.IN, (sameFd, ready) -> take(client, number));
                });
        return client;
    }

    private void take(TcpChannel client, int number) throws IOException {
        ByteBuffer answer = ByteBuffer.allocate(Integer.BYTES);
        try {
            if (client.read(answer) < 0) { // on libkqueue, which consumes the error itself
                end(client);
                return;
            }
        } catch (PollerException e) {
            reset(client, e);
            return;
        }
        assertThat(answer.position()).isEqualTo(Integer.BYTES);
        assertThat(answer.getInt(0)).isEqualTo(number);
        answers++;
        served.add(client);
        client.unregister();
    }

    private void reset(TcpChannel client, PollerException e) throws IOException {
        assertThat(e.errno()).isIn(Errno.ECONNRESET, Errno.EPIPE, Errno.ENOTCONN); // see above
        end(client);
    }

    private void end(TcpChannel client) throws IOException {
        resets++;
        client.close();
    }

    /** Echoes until each client closes. Exits at the end of its standard input. */
    static final class Server {
        private static final ByteBuffer BYTES = ByteBuffer.allocateDirect(64);
        private static int accepted;
        private static int turns;

        private Server() {}

        public static void main(String[] arguments) throws IOException {
            ChildJava.loadClasses();
            System.getLogger("io.uloop.net").log(System.Logger.Level.WARNING, "ready to log");
            try (Uloop loop = Uloop.open();
                    TcpListener listener =
                            TcpListener.open(
                                    loop,
                                    new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
                listener.refuseWhenFull(arguments.length > 0);
                listener.register(
                        channel -> {
                            accepted++;
                            channel.register(UEvent.IN, (fd, events) -> echo(channel));
                        });
                loop.afterPoll(() -> turns++);
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
