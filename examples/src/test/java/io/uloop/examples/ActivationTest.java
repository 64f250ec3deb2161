package io.uloop.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.uloop.poller.tck.ChildJava;
import io.uloop.poller.tck.NoDescriptorLeak;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Starts the example of socket activation as a service manager does. */
@ExtendWith(NoDescriptorLeak.class)
class ActivationTest {
    /** Passes a listening socket to the program in its arguments, and prints the port. */
    private static final String STAND_IN =
            """
            import os, socket, sys
            listener = socket.socket()
            listener.bind(('127.0.0.1', 0))
            listener.listen()
            if listener.fileno() != 3:
                os.dup2(listener.fileno(), 3)
            os.set_inheritable(3, True)
            os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS='1', LISTEN_FDNAMES='echo')
            print(listener.getsockname()[1], flush=True)
            os.execv(sys.argv[1], sys.argv[1:])
            """;

    @BeforeEach
    void assumeNativeBackend() {
        assumeTrue(!"select".equals(System.getenv("ULOOP_POLLER")), "needs a native backend");
    }

    @Test
    void servesOnThePassedSocketAndEndsWhenIdle() throws Exception {
        assumeTrue(Program.isInstalled("python3"), "python3 is not installed");
        try (Program server =
                Program.startBy(
                        List.of("python3", "-c", STAND_IN), ActivatedEcho.class, "-Didle=1")) {
            int port = Integer.parseInt(server.line());
            var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
            try (Socket client = Program.connect(address)) {
                assertThat(server.line()).isEqualTo("echo is /127.0.0.1:" + port);
                Program.send(client, "hello\n");
                assertThat(Program.receiveLine(client)).isEqualTo("hello");
            }
            assertThat(server.rest()).isEmpty();
        }
    }

    @Test
    void systemdStartsItOnTheFirstConnection(@TempDir Path folder) throws Exception {
        assumeTrue(
                Program.isInstalled("systemd-socket-activate"),
                "systemd-socket-activate is not installed");
        Path path = folder.resolve("socket");
        List<String> launcher =
                List.of("systemd-socket-activate", "--fdname=unix", "-l", path.toString());
        try (Program server = Program.startBy(launcher, ActivatedEcho.class);
                SocketChannel client = connect(path)) {
            assertThat(server.line()).isEqualTo("unix is " + path);
            client.write(ByteBuffer.wrap("hello\n".getBytes(UTF_8)));
            ByteBuffer answer = ByteBuffer.allocate(6);
            while (answer.hasRemaining()) {
                assertThat(client.read(answer)).isPositive();
            }
            assertThat(new String(answer.array(), UTF_8)).isEqualTo("hello\n");
        }
    }

    /** Connects as soon as systemd listens. */
    private static SocketChannel connect(Path path) {
        SocketChannel[] connected = new SocketChannel[1];
        await().atMost(ChildJava.DEADLINE).until(() -> (connected[0] = connectNow(path)) != null);
        return connected[0];
    }

    private static @Nullable SocketChannel connectNow(Path path) {
        try {
            return SocketChannel.open(UnixDomainSocketAddress.of(path));
        } catch (IOException e) {
            return null; // systemd does not listen yet
        }
    }
}
