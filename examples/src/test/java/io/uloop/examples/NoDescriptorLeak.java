package io.uloop.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Fails a test that leaves sockets, pipes or pollers open in this JVM. */
final class NoDescriptorLeak implements BeforeEachCallback, AfterEachCallback {
    private long before;

    /** Makes the JDK open what its sockets keep open for good. */
    private static void warmUp() throws IOException {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        try (ServerSocket server = new ServerSocket(0, 1, loopback);
                Socket client = new Socket(loopback, server.getLocalPort());
                Socket accepted = server.accept()) {
            client.shutdownOutput();
            accepted.shutdownOutput();
        }
        SocketChannel.open().close();
    }

    @Override
    public void beforeEach(ExtensionContext context) throws IOException {
        warmUp();
        before = Processes.sockets(ProcessHandle.current().pid());
    }

    @Override
    public void afterEach(ExtensionContext context) {
        await("descriptors as before the test")
                .atMost(Duration.ofSeconds(10))
                .untilAsserted(
                        () ->
                                assertThat(Processes.sockets(ProcessHandle.current().pid()))
                                        .isLessThanOrEqualTo(before));
    }
}
