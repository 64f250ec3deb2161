package io.uloop.cookbook;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.uloop.Uloop;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ReconnectingClientTest {
    private final PrintStream standard = System.out;
    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

    @BeforeEach
    void capture() {
        System.setOut(new PrintStream(printed, true, US_ASCII));
    }

    @AfterEach
    void release() {
        System.setOut(standard);
    }

    @Test
    void clientConnectsAgainAfterEachEnd() throws Exception {
        ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        InetSocketAddress address = (InetSocketAddress) server.getLocalSocketAddress();
        try (Uloop loop = Uloop.open()) {
            Thread thread = new Thread(() -> run(loop));
            thread.start();
            loop.execute(() -> new ReconnectingClient(loop, address).connect());
            for (int i = 0; i < 3; i++) {
                try (Socket client = server.accept()) {
                    client.getOutputStream().write(("visit " + i + "\n").getBytes(US_ASCII));
                }
            }
            server.close();
            Awaitility.await().until(() -> printed.toString(US_ASCII).contains("no connection"));
            try (ServerSocket again = new ServerSocket()) {
                again.setReuseAddress(true);
                again.bind(address);
                again.accept().close();
            }
            loop.stop();
            thread.join();
        } finally {
            server.close();
        }
        assertThat(printed.toString(US_ASCII)).contains("visit 0\n", "visit 1\n", "visit 2\n");
    }

    private static void run(Uloop loop) {
        try {
            loop.run();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
