package io.uloop.live;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.uloop.EachBackend;
import io.uloop.Uloop;
import io.uloop.poller.Descriptors;
import io.uloop.poller.Errno;
import io.uloop.poller.PollerException;
import io.uloop.poller.tck.ChildJava;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** A live page in a program that has few descriptors left. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "it has no ulimit")
class LiveLimitTest extends EachBackend {
    private static final int LEFT = 40;

    private final List<SocketChannel> silent = new ArrayList<>();

    /** Hostile clients take the last descriptors again and again. */
    @Test
    void pageGivesDescriptorsBack() throws Exception {
        Process program =
                ChildJava.of(Program.class)
                        .descriptorLimit(300)
                        .options("-Duloop.poller=" + provider.name())
                        .builder()
                        .redirectErrorStream(true)
                        .start();
        try (BufferedReader said = program.inputReader(UTF_8)) {
            int port = Integer.parseInt(next(said, "port "));
            assertThat(get(port)).startsWith("HTTP/1.1 200");
            program.getOutputStream().write('\n');
            program.getOutputStream().flush();
            next(said, "few left");
            Awaitility.await()
                    .until(
                            () -> {
                                renewSilent(new InetSocketAddress(loopback(), port));
                                return get(port).startsWith("HTTP/1.1 200");
                            });
        } finally {
            program.destroyForcibly().waitFor();
        }
    }

    private static String next(BufferedReader said, String start) throws IOException {
        String line = said.readLine();
        while (line != null && !line.startsWith(start)) {
            line = said.readLine();
        }
        assertThat(line).isNotNull();
        return line.substring(start.length());
    }

    /** Opens connections without a request instead of those that have been reset. */
    private void renewSilent(InetSocketAddress page) throws IOException {
        silent.removeIf(LiveLimitTest::isReset);
        while (silent.size() < 2 * LEFT) {
            SocketChannel each = closing(SocketChannel.open(page));
            silent.add(each);
            each.configureBlocking(false);
        }
    }

    private static boolean isReset(SocketChannel client) {
        try {
            if (client.read(ByteBuffer.allocate(1)) == 0) {
                return false;
            }
            client.close();
        } catch (IOException e) {
            // Reset.
        }
        return true;
    }

    private static InetAddress loopback() {
        return InetAddress.getLoopbackAddress();
    }

    /** Returns the answer, or an empty string. */
    private static String get(int port) throws IOException {
        try (Socket socket = new Socket(loopback(), port)) {
            socket.setSoTimeout((int) DEADLINE.toMillis());
            socket.getOutputStream()
                    .write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), UTF_8);
        } catch (IOException e) {
            return "";
        }
    }

    /** Uses all descriptors but a few. */
    static final class Program {
        /** Loads the classes of the library, because their files need descriptors. */
        private static void loadClasses(Path uloop) throws Exception {
            Path folder = Objects.requireNonNull(uloop.getParent());
            Path root = folder.resolve("../..").normalize();
            List<Path> files;
            try (Stream<Path> all = Files.walk(folder)) {
                files = all.filter(each -> each.toString().endsWith(".class")).toList();
            }
            for (Path file : files) {
                String name = root.relativize(file).toString().replace(File.separatorChar, '.');
                if (!name.endsWith("-info.class")) {
                    String type = name.substring(0, name.length() - ".class".length());
                    Class.forName(type, false, Program.class.getClassLoader());
                }
            }
        }

        public static void main(String[] arguments) throws Exception {
            loadClasses(Path.of(Uloop.class.getResource("/io/uloop/Uloop.class").toURI()));
            Deque<Descriptors.Pipe> hoard = new ArrayDeque<>();
            try (Uloop loop = Uloop.open();
                    LivePage page =
                            LivePage.builder().show(loop).period(Duration.ofMillis(20)).build()) {
                System.out.println("port " + page.localAddress().getPort());
                var unused = new InputStreamReader(System.in, UTF_8).read();
                Descriptors io = loop.descriptors();
                try {
                    while (true) {
                        hoard.push(io.pipe());
                    }
                } catch (PollerException e) {
                    if (e.errno() != Errno.EMFILE) {
                        throw e;
                    }
                }
                for (int i = 0; i < LEFT / 2; i++) {
                    Descriptors.Pipe pipe = hoard.pop();
                    io.close(pipe.readEnd());
                    io.close(pipe.writeEnd());
                }
                System.out.println("few left");
                loop.run();
            }
        }
    }
}
