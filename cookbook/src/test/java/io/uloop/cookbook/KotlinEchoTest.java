package io.uloop.cookbook;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.Socket;
import java.util.Arrays;
import javax.net.SocketFactory;
import org.junit.jupiter.api.Test;

/** Starts the echo server of Kotlin coroutines, and asks it. */
class KotlinEchoTest {
    @Test
    void coroutinesEchoToEachClient() throws Exception {
        try (Server server = new Server(KotlinEchoKt.class);
                Socket first = server.connect(SocketFactory.getDefault());
                Socket second = server.connect(SocketFactory.getDefault())) {
            for (Socket client : new Socket[] {first, second, first}) {
                client.getOutputStream().write("hello".getBytes(UTF_8));
                assertThat(client.getInputStream().readNBytes(5))
                        .isEqualTo("hello".getBytes(UTF_8));
            }
            byte[] sent = new byte[100_000];
            Arrays.fill(sent, (byte) 'x');
            second.getOutputStream().write(sent);
            second.shutdownOutput();
            assertThat(second.getInputStream().readAllBytes()).isEqualTo(sent);
        }
    }
}
