package io.uloop.poller.posix;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class SocketsTest extends DescriptorsTest {
    private static final byte[] IPV6_LOOPBACK = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};

    @TempDir private Path directory;

    SocketsTest(boolean linux) {
        super(linux);
    }

    private SocketAddress loopback(StandardProtocolFamily family) throws IOException {
        return switch (family) {
            case INET ->
                    new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), 0);
            case INET6 -> new InetSocketAddress(InetAddress.getByAddress(IPV6_LOOPBACK), 0);
            default -> UnixDomainSocketAddress.of(directory.resolve("s"));
        };
    }

    @ParameterizedTest
    @EnumSource
    void bytesGoBothWays(StandardProtocolFamily family) throws IOException {
        int listener = track(descriptors.openListener(family));
        descriptors.listen(listener, loopback(family), 16);
        assertThat(descriptors.accept(listener)).isEqualTo(PosixDescriptors.NONE);
        int client = track(descriptors.openStream(family));
        if (!descriptors.connect(client, descriptors.localAddress(listener))) {
            Awaitility.await().until(() -> descriptors.finishConnect(client));
        }
        int server = accept(listener);
        assertThat(descriptors.read(server, ByteBuffer.allocate(1))).isZero();
        write(client, "ping");
        assertThat(read(server, 4)).isEqualTo("ping");
        write(server, "pong");
        assertThat(read(client, 4)).isEqualTo("pong");
        descriptors.shutdownOutput(client);
        readEnd(server);
        write(server, "late");
        assertThat(read(client, 4)).isEqualTo("late");
    }
}
