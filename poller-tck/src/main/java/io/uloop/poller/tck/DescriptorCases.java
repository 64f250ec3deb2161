package io.uloop.poller.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.uloop.poller.DescriptorKind;
import io.uloop.poller.Descriptors;
import io.uloop.poller.Errno;
import io.uloop.poller.PollerProvider;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
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
}
