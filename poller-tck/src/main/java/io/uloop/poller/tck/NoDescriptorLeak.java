package io.uloop.poller.tck;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.Pipe;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails a test that leaves {@linkplain OpenDescriptors descriptors} open. A JUnit extension for
 * {@code @ExtendWith}.
 *
 * <p>If a library opens descriptors on first use and keeps them, use it before the first test. This
 * class does so for the JDK. No other code may open descriptors while the tests run.
 *
 * @since 0.1
 */
public final class NoDescriptorLeak implements BeforeEachCallback, AfterEachCallback {
    static {
        useAllKinds();
    }

    private SortedMap<Integer, String> before = new TreeMap<>();

    /** Creates the extension; called by JUnit. */
    public NoDescriptorLeak() {}

    static void useAllKinds() {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        try (ServerSocket server = new ServerSocket(0, 1, loopback);
                Socket client = new Socket(loopback, server.getLocalPort());
                Socket accepted = server.accept()) {
            client.shutdownOutput();
            accepted.shutdownOutput();
            SocketChannel.open().close();
            Selector.open().close();
            Pipe pipe = Pipe.open();
            pipe.source().close();
            pipe.sink().close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        before = OpenDescriptors.now();
    }

    @Override
    public void afterEach(ExtensionContext context) {
        OpenDescriptors.assertNoneSince(before);
    }
}
