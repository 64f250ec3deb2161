package io.uloop.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.uloop.EachBackend;
import io.uloop.poller.NativeDescriptors;
import io.uloop.poller.PeerCredentials;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PeerCredentialsTest extends EachBackend {
    private static final String CLIENT =
            """
            import socket, sys
            client = socket.socket(socket.AF_UNIX)
            client.connect(sys.argv[1])
            client.recv(1)
            """;

    private Path path() throws IOException {
        return directory().resolve("socket");
    }

    private long own(String attribute) throws IOException {
        return (Integer) Files.getAttribute(directory(), "unix:" + attribute);
    }

    private UnixChannel accept(UnixListener listener) throws IOException {
        UnixChannel[] accepted = new UnixChannel[1];
        runUntil(() -> (accepted[0] = listener.accept()) != null);
        return closing(accepted[0]);
    }

    @Test
    void bothEndsKnowTheOthersProcessAndUser() throws IOException {
        UnixDomainSocketAddress address = UnixDomainSocketAddress.of(path());
        UnixListener listener = closing(UnixListener.open(loop, address));
        UnixChannel client = closing(UnixChannel.connect(loop, address));
        UnixChannel server = accept(listener);
        if (!(io instanceof NativeDescriptors)) {
            assertThatThrownBy(client::peerCredentials)
                    .isInstanceOf(UnsupportedOperationException.class)
                    .hasMessageContaining("native");
            return;
        }
        PeerCredentials own =
                new PeerCredentials(ProcessHandle.current().pid(), own("uid"), own("gid"));
        assertThat(client.peerCredentials()).isEqualTo(own);
        assertThat(server.peerCredentials()).isEqualTo(own);
        UnixChannel.Pair pair = UnixChannel.pair(loop);
        assertThat(closing(pair.first()).peerCredentials()).isEqualTo(own);
        closing(pair.second());
        UnixDatagramChannel.Pair packets = UnixDatagramChannel.pair(loop);
        closing(packets.first());
        int fd = closing(packets.second()).fd();
        assertThat(NativeDescriptors.of(provider).peerCredentials(fd)).isEqualTo(own);
    }

    @Test
    void anotherProcessIsNamed() throws Exception {
        assumeTrue(io instanceof NativeDescriptors, "needs system calls");
        UnixDomainSocketAddress address = UnixDomainSocketAddress.of(path());
        UnixListener listener = closing(UnixListener.open(loop, address));
        Process client;
        try {
            client = new ProcessBuilder("python3", "-c", CLIENT, path().toString()).start();
        } catch (IOException e) {
            assumeTrue(false, "python3 is not installed");
            return;
        }
        try {
            assertThat(accept(listener).peerCredentials().pid()).isEqualTo(client.pid());
        } finally {
            client.destroyForcibly();
            assertThat(client.waitFor(DEADLINE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void socketsWithoutPeerOrOfAnotherFamilyAreRefused() throws IOException {
        assumeTrue(io instanceof NativeDescriptors, "needs system calls");
        UnixChannel unconnected = closing(UnixChannel.open(loop));
        assertThatThrownBy(unconnected::peerCredentials).hasMessageContaining("ENOTCONN");
        NativeDescriptors all = NativeDescriptors.of(provider);
        assertThatThrownBy(() -> all.peerCredentials(connection()[0].fd()))
                .hasMessageContaining("EOPNOTSUPP");
    }
}
