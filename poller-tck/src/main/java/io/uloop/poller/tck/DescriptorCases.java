package io.uloop.poller.tck;

import static io.uloop.poller.UEvent.IN;
import static io.uloop.poller.UEvent.NONE;
import static io.uloop.poller.UEvent.OUT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.uloop.poller.DescriptorKind;
import io.uloop.poller.Descriptors;
import io.uloop.poller.Errno;
import io.uloop.poller.MulticastChange;
import io.uloop.poller.PollerProvider;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.util.function.Supplier;

/** Cases of the backend's I/O that no poller takes part in. */
abstract class DescriptorCases extends ContractCases {
    DescriptorCases(Supplier<PollerProvider> backend) {
        super(backend);
    }

    private static DescriptorKind socket(
            DescriptorKind.Type type, StandardProtocolFamily family, boolean listening) {
        return new DescriptorKind(type, family, listening);
    }

    @Case(101)
    void aDescriptorTellsItsKind() throws Exception {
        Descriptors.Pipe pipe = pipe();
        DescriptorKind ofPipe = new DescriptorKind(DescriptorKind.Type.PIPE, null, false);
        assertEquals(ofPipe, io.kind(pipe.readEnd()));
        assertEquals(ofPipe, io.kind(pipe.writeEnd()));

        DescriptorKind.Type stream = DescriptorKind.Type.STREAM_SOCKET;
        int listener = listener();
        assertEquals(socket(stream, StandardProtocolFamily.INET, true), io.kind(listener));
        int client = track(io.openStream(StandardProtocolFamily.INET));
        io.bind(client, new InetSocketAddress(address(listener).getAddress(), 0));
        assertEquals(socket(stream, StandardProtocolFamily.INET, false), io.kind(client));
        assertEquals(
                socket(DescriptorKind.Type.DATAGRAM_SOCKET, StandardProtocolFamily.INET, false),
                io.kind(boundDatagram()));

        int unix = track(io.openStream(StandardProtocolFamily.UNIX));
        assertEquals(socket(stream, StandardProtocolFamily.UNIX, false), io.kind(unix));
        int silent = track(io.openListener(StandardProtocolFamily.UNIX));
        assertEquals(socket(stream, StandardProtocolFamily.UNIX, false), io.kind(silent));
        io.listen(silent, UnixDomainSocketAddress.of(directory().resolve("silent")), 1);
        assertEquals(socket(stream, StandardProtocolFamily.UNIX, true), io.kind(silent));

        close(unix);
        assertErrno(Errno.EBADF, unix, () -> io.kind(unix));
    }

    @Case(109)
    void aDescriptorTellsItsDirections() throws Exception {
        Descriptors.Pipe pipe = pipe();
        int reading = io.directions(pipe.readEnd());
        int writing = io.directions(pipe.writeEnd());
        assertTrue(reading == IN || reading == (IN | OUT));
        assertTrue(writing == OUT || writing == (IN | OUT));
        int socket = track(io.openStream(StandardProtocolFamily.INET));
        assertEquals(IN | OUT, io.directions(socket));
        close(socket);
        assertErrno(Errno.EBADF, socket, () -> io.directions(socket));
    }

    @Case(107)
    void aDatagramSocketLeavesItsPeerAndKeepsItsPort() throws Exception {
        int peer = boundDatagram();
        int stranger = boundDatagram();
        int fd = datagram();
        io.disconnect(fd);
        assertNull(io.localAddress(fd));
        io.connect(fd, address(peer));
        InetSocketAddress local = loopback(address(fd).getPort());
        io.disconnect(fd);
        io.disconnect(fd);
        assertNull(io.remoteAddress(fd));
        assertEquals(local.getPort(), address(fd).getPort());
        poller.add(fd, IN);
        assertSilent();
        io.send(stranger, ByteBuffer.allocate(1), local);
        awaitOnly(fd, IN, NONE);
        assertEquals(address(stranger), io.receive(fd, ByteBuffer.allocate(1)));

        int bound = boundDatagram();
        InetSocketAddress address = address(bound);
        io.connect(bound, address(peer));
        io.disconnect(bound);
        assertEquals(address, address(bound));
        int listener = listener();
        assertErrno(Errno.EOPNOTSUPP, listener, () -> io.disconnect(listener));
    }

    @Case(108)
    void aGroupIsReceivedUntilItIsLeft() throws Exception {
        NetworkInterface link = NetworkInterface.getByInetAddress(loopback(0).getAddress());
        InetAddress group = InetAddress.getByAddress(new byte[] {(byte) 239, (byte) 255, 3, 4});
        int fd = datagram();
        io.bind(fd, new InetSocketAddress(InetAddress.getByAddress(new byte[4]), 0));
        InetSocketAddress target = new InetSocketAddress(group, address(fd).getPort());
        int sender = boundDatagram();
        io.setOption(sender, StandardSocketOptions.IP_MULTICAST_IF, link);
        available(
                () -> {
                    io.multicast(fd, MulticastChange.JOIN, group, link, null);
                    return fd;
                });
        poller.add(fd, IN);
        assertSilent();
        assertErrno(
                Errno.EADDRINUSE,
                fd,
                () -> io.multicast(fd, MulticastChange.JOIN, group, link, null));
        io.send(sender, ByteBuffer.allocate(1), target);
        awaitOnly(fd, IN, NONE);
        assertEquals(address(sender), io.receive(fd, ByteBuffer.allocate(1)));
        InetAddress source = loopback(0).getAddress();
        io.multicast(fd, MulticastChange.BLOCK, group, link, source);
        io.send(sender, ByteBuffer.allocate(1), target);
        assertSilent();
        io.multicast(fd, MulticastChange.UNBLOCK, group, link, source);
        io.multicast(fd, MulticastChange.LEAVE, group, link, null);
        io.send(sender, ByteBuffer.allocate(1), target);
        assertSilent();
        assertErrno(
                Errno.EADDRNOTAVAIL,
                fd,
                () -> io.multicast(fd, MulticastChange.LEAVE, group, link, null));
        io.multicast(fd, MulticastChange.JOIN, group, link, source);
        io.send(sender, ByteBuffer.allocate(1), target);
        awaitOnly(fd, IN, NONE);
        int stream = track(io.openStream(StandardProtocolFamily.UNIX));
        assertErrno(
                Errno.EAFNOSUPPORT,
                stream,
                () -> io.multicast(stream, MulticastChange.JOIN, group, link, null));
    }
}
