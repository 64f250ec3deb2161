package io.uloop.poller.posix.socket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.uloop.poller.DescriptorKind;
import io.uloop.poller.posix.DescriptorsTest;
import io.uloop.poller.posix.Loopback;
import io.uloop.poller.posix.call.Libc;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import jnr.constants.platform.AddressFamily;
import jnr.constants.platform.Sock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DescriptorKindTest extends DescriptorsTest {
    private static final int AF_NETLINK = 16;

    @TempDir private Path directory;

    DescriptorKindTest(boolean linux) {
        super(linux);
    }

    @Test
    void socketsHaveTypeFamilyAndState() throws IOException {
        for (StandardProtocolFamily family : StandardProtocolFamily.values()) {
            assertThat(descriptors.kind(track(descriptors.openStream(family))))
                    .isEqualTo(
                            new DescriptorKind(DescriptorKind.Type.STREAM_SOCKET, family, false));
            assertThat(descriptors.kind(track(descriptors.openDatagram(family))))
                    .isEqualTo(
                            new DescriptorKind(DescriptorKind.Type.DATAGRAM_SOCKET, family, false));
            int listener = track(descriptors.openListener(family));
            descriptors.listen(
                    listener,
                    switch (family) {
                        case INET -> Loopback.IPV4;
                        case INET6 -> Loopback.IPV6;
                        case UNIX -> UnixDomainSocketAddress.of(directory.resolve("x"));
                    },
                    1);
            assertThat(descriptors.kind(listener))
                    .isEqualTo(new DescriptorKind(DescriptorKind.Type.STREAM_SOCKET, family, true))
                    .hasToString("a listening " + family + " stream socket");
        }
    }

    @Test
    void otherSocketsHaveNoFamilyOrType() throws IOException {
        int unix = AddressFamily.AF_UNIX.intValue();
        int packets = Libc.CALLS.socket(unix, Sock.SOCK_SEQPACKET.intValue(), 0);
        assertThat(descriptors.kind(track(packets)))
                .isEqualTo(
                        new DescriptorKind(
                                DescriptorKind.Type.OTHER_SOCKET,
                                StandardProtocolFamily.UNIX,
                                false))
                .hasToString("a UNIX socket that is neither stream nor datagram");
        assumeTrue(System.getProperty("os.name").equals("Linux"));
        int netlink = Libc.CALLS.socket(AF_NETLINK, Sock.SOCK_DGRAM.intValue(), 0);
        assertThat(descriptors.kind(track(netlink)))
                .isEqualTo(new DescriptorKind(DescriptorKind.Type.DATAGRAM_SOCKET, null, false))
                .hasToString("a datagram socket");
    }

    @Test
    void filesHaveTheirType() throws IOException {
        Path file = Files.createFile(directory.resolve("file"));
        assertThat(descriptors.kind(track(descriptors.open(file))).type())
                .isEqualTo(DescriptorKind.Type.FILE);
        assertThat(descriptors.kind(track(descriptors.open(directory))).type())
                .isEqualTo(DescriptorKind.Type.DIRECTORY);
        assertThat(descriptors.kind(track(descriptors.open(Path.of("/dev/null")))).type())
                .isEqualTo(DescriptorKind.Type.DEVICE);
        var pty = descriptors.pty();
        track(pty.slave());
        assertThat(descriptors.kind(track(pty.master())).type())
                .isEqualTo(DescriptorKind.Type.DEVICE);
        var pipe = descriptors.pipe();
        track(pipe.writeEnd());
        assertThat(descriptors.kind(track(pipe.readEnd()))).hasToString("a pipe");
        assumeTrue(linux);
        assertThat(descriptors.kind(track(descriptors.eventfd(0))).type())
                .isEqualTo(DescriptorKind.Type.OTHER);
    }

    @Test
    void modesAreReadAndSet() throws IOException {
        var pipe = descriptors.pipe();
        track(pipe.writeEnd());
        int fd = track(pipe.readEnd());
        int copy = track(descriptors.dup(fd));
        assertThat(descriptors.isBlocking(fd)).isFalse();
        descriptors.setBlocking(fd, false);
        descriptors.setBlocking(fd, true);
        assertThat(descriptors.isBlocking(copy)).isTrue(); // shared with the open file
        descriptors.setCloseOnExec(fd, false);
        assertThat(Libc.CALLS.fcntl(fd, 1, 0)).isZero(); // F_GETFD
        assertThat(Libc.CALLS.fcntl(copy, 1, 0)).isEqualTo(1);
    }
}
