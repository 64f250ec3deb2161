package io.uloop.poller.tck;

import static io.uloop.poller.UEvent.ERR;
import static io.uloop.poller.UEvent.HUP;
import static io.uloop.poller.UEvent.IN;
import static io.uloop.poller.UEvent.NONE;
import static io.uloop.poller.UEvent.OUT;
import static io.uloop.poller.UEvent.RDHUP;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.uloop.poller.Descriptors;
import io.uloop.poller.Errno;
import io.uloop.poller.NativeDescriptors;
import io.uloop.poller.PollerProvider;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.util.concurrent.FutureTask;
import java.util.function.Supplier;

/** Cases of close, half-close and reset, by either side. */
abstract class CloseCases extends ContractCases {
    CloseCases(Supplier<PollerProvider> backend) {
        super(backend);
    }

    @Case(28)
    void closeByATcpPeerIsReadableWithoutHUP() throws Exception {
        Tcp tcp = tcp();
        poller.add(tcp.fd(), IN | RDHUP);
        assertSilent();
        tcp.peer().close();
        awaitOnly(tcp.fd(), IN | RDHUP, NONE);
        poller.modify(tcp.fd(), IN);
        awaitOnly(tcp.fd(), IN, NONE);
        assertEquals(-1, read(tcp.fd(), 1));
    }

    @Case(29)
    void closeByAUnixPeerIsReadableWithHUP() throws Exception {
        NativeDescriptors.SocketPair pair = unixPair();
        poller.add(pair.first(), IN | OUT | RDHUP);
        awaitOnly(pair.first(), OUT, NONE);
        close(pair.second());
        awaitOnly(pair.first(), IN | OUT | HUP, RDHUP);
        assertEquals(-1, read(pair.first(), 1));
    }

    @Case(30)
    void halfCloseByThePeerStillAllowsWrites() throws Exception {
        Tcp tcp = tcp();
        poller.add(tcp.fd(), IN | RDHUP);
        tcp.peer().shutdownOutput();
        awaitOnly(tcp.fd(), IN | RDHUP, NONE);
        assertEquals(-1, read(tcp.fd(), 1));
        poller.modify(tcp.fd(), OUT);
        awaitOnly(tcp.fd(), OUT, NONE);
        write(tcp.fd(), 7);
        assertEquals(7, tcp.peer().getInputStream().read());
    }

    @Case(31)
    void everyByteIsReadBeforeTheEndOfTheStream() throws Exception {
        int length = 1 << 20;
        Tcp tcp = tcp();
        poller.add(tcp.fd(), IN | RDHUP);
        FutureTask<Boolean> writer =
                inBackground(
                        () -> {
                            tcp.peer().getOutputStream().write(new byte[length]);
                            tcp.peer().close();
                            return true;
                        });
        ByteBuffer target = ByteBuffer.allocate(10_000);
        int total = 0;
        for (int read = 0; read >= 0; ) {
            assertWithin(IN | RDHUP, await(tcp.fd(), IN));
            read = io.read(tcp.fd(), target.clear());
            total += Math.max(read, 0);
        }
        assertEquals(length, total);
        assertTrue(result(writer));
    }

    @Case(32)
    void shutdownOfOurOutputReportsNoHUP() throws Exception {
        Tcp tcp = tcp();
        poller.add(tcp.fd(), IN | OUT | RDHUP);
        awaitOnly(tcp.fd(), OUT, NONE);
        io.shutdownOutput(tcp.fd());
        assertEquals(-1, tcp.peer().getInputStream().read());
        awaitOnly(tcp.fd(), OUT, NONE);
        poller.modify(tcp.fd(), IN | RDHUP);
        assertSilent();
        tcp.peer().getOutputStream().write(1);
        awaitOnly(tcp.fd(), IN, NONE);
    }

    @Case(33)
    void shutdownOfBothDirectionsIsReadableAndWritable() throws Exception {
        Tcp tcp = tcp();
        poller.add(tcp.fd(), IN | OUT);
        io.shutdownOutput(tcp.fd());
        tcp.peer().close();
        awaitOnly(tcp.fd(), IN | OUT, HUP);
        assertEquals(-1, read(tcp.fd(), 1));
    }

    @Case(34)
    void aResetIsReadable() throws Exception {
        Tcp tcp = tcp();
        poller.add(tcp.fd(), IN);
        tcp.peer().setSoLinger(true, 0);
        tcp.peer().close();
        awaitOnly(tcp.fd(), IN, ERR | HUP);
        assertErrno(Errno.ECONNRESET, tcp.fd(), () -> read(tcp.fd(), 1));
    }

    @Case(35)
    void anEmptyPipeWithoutWriterIsReadableWithHUP() throws Exception {
        Descriptors.Pipe pipe = pipe();
        poller.add(pipe.readEnd(), IN);
        assertSilent();
        close(pipe.writeEnd());
        awaitOnly(pipe.readEnd(), IN | HUP, NONE);
        assertEquals(-1, read(pipe.readEnd(), 1));
    }

    @Case(36)
    void aFullPipeWithoutReaderIsWritableWithERR() throws Exception {
        Descriptors.Pipe pipe = pipe();
        fill(pipe.writeEnd());
        poller.add(pipe.writeEnd(), OUT);
        assertSilent();
        close(pipe.readEnd());
        awaitOnly(pipe.writeEnd(), OUT | ERR, HUP);
        assertErrno(
                Errno.EPIPE,
                pipe.writeEnd(),
                () -> io.write(pipe.writeEnd(), ByteBuffer.allocate(1)));
    }

    @Case(37)
    void aPausedDescriptorIsSilentWhenItHangsUp() throws Exception {
        Descriptors.Pipe pipe = pipe();
        NativeDescriptors.SocketPair pair = unixPair();
        Tcp reset = tcp();
        poller.add(pipe.readEnd(), NONE);
        poller.add(pair.first(), IN | OUT);
        poller.modify(pair.first(), NONE);
        poller.add(reset.fd(), NONE);
        close(pipe.writeEnd());
        close(pair.second());
        reset.peer().setSoLinger(true, 0);
        reset.peer().close();
        assertSilent();
        poller.modify(pipe.readEnd(), IN);
        awaitOnly(pipe.readEnd(), IN | HUP, NONE);
        poller.modify(pipe.readEnd(), NONE);
        assertSilent();
    }

    @Case(38)
    void anUnconnectedSocketIsSilentWhilePaused() throws Exception {
        int socket = track(io.openStream(StandardProtocolFamily.INET));
        poller.add(socket, NONE);
        assertSilent();
    }
}
