package io.uloop.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.uloop.poller.tck.NoDescriptorLeak;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** The service shown in docs/embedding.md. */
@ExtendWith(NoDescriptorLeak.class)
@Timeout(300)
class EchoServiceTest {
    private static final InetSocketAddress ANY =
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    private static Socket connect(EchoService service) throws IOException {
        int port = ((InetSocketAddress) service.address()).getPort();
        return new Socket(InetAddress.getLoopbackAddress(), port);
    }

    private static void exchange(Socket client, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        client.getOutputStream().write(bytes);
        assertThat(client.getInputStream().readNBytes(bytes.length)).isEqualTo(bytes);
    }

    @Test
    void closeEndsConnectionsAfterEchoing() throws Exception {
        EchoService service = new EchoService(ANY);
        Thread closing = new Thread(service::close);
        try (Socket client = connect(service)) {
            exchange(client, "hello");
            exchange(client, "and again");
            closing.start();
            assertThat(client.getInputStream().read()).isEqualTo(-1);
        }
        closing.join();
    }

    @Test
    void closeDisconnectsAClientThatStays() throws Exception {
        EchoService service = new EchoService(ANY);
        try (Socket client = connect(service)) {
            exchange(client, "hello");
            service.close();
            assertThat(client.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void addressInUseLeaksNothing() throws Exception {
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            InetSocketAddress taken = (InetSocketAddress) other.getLocalSocketAddress();
            assertThatThrownBy(() -> new EchoService(taken)).hasMessageContaining("EADDRINUSE");
        }
    }
}
