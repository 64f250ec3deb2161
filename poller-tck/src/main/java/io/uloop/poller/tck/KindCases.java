package io.uloop.poller.tck;

import static io.uloop.poller.UEvent.ERR;
import static io.uloop.poller.UEvent.HUP;
import static io.uloop.poller.UEvent.IN;
import static io.uloop.poller.UEvent.NONE;
import static io.uloop.poller.UEvent.OUT;
import static io.uloop.poller.UEvent.PRI;
import static io.uloop.poller.UEvent.RDHUP;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.uloop.poller.Descriptors;
import io.uloop.poller.Errno;
import io.uloop.poller.Poller;
import io.uloop.poller.PollerException;
import io.uloop.poller.PollerProvider;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.SortedMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.opentest4j.TestAbortedException;

/** Cases of what ready means for each kind of file. */
abstract class KindCases extends ContractCases {
    private static final int INOTIFY_CREATE = 0x100;

    KindCases(Supplier<PollerProvider> backend) {
        super(backend);
    }

    @Case(17)
    void aListenerIsReadableButNeverWritable() throws Exception {
        int listener = listener();
        poller.add(listener, IN | OUT);
        assertSilent();
        Socket peer = closing(new Socket());
        peer.connect(address(listener));
        awaitOnly(listener, IN, NONE);
        accept(listener);
        assertEquals(Descriptors.NONE, io.accept(listener));
        assertSilent();
    }

    @Case(18)
    void aCompletedConnectIsWritable() throws Exception {
        int listener = listener();
        int client = track(io.openStream(StandardProtocolFamily.INET));
        boolean connected = io.connect(client, address(listener));
        poller.add(client, IN | OUT);
        awaitOnly(client, OUT, NONE);
        assertTrue(connected || io.finishConnect(client));
        awaitOnly(client, OUT, NONE);
        write(client, 1);
        poller.modify(client, IN);
        write(accept(listener), 1);
        awaitOnly(client, IN, NONE);
    }

    @Case(19)
    void aRefusedConnectIsWritableAndReportsTheError() throws Exception {
        // Bound but not listening, so no other process can listen there meanwhile.
        int deaf = track(io.openStream(StandardProtocolFamily.INET));
        io.bind(deaf, loopback(0));
        int client = track(io.openStream(StandardProtocolFamily.INET));
        try {
            io.connect(client, address(deaf));
        } catch (PollerException e) {
            assertEquals(Errno.ECONNREFUSED, e.errno());
            throw new TestAbortedException("this system refuses a connection at once", e);
        }
        poller.add(client, OUT);
        awaitOnly(client, OUT, ERR | HUP);
        assertErrno(Errno.ECONNREFUSED, client, () -> io.finishConnect(client));
    }

    @Case(20)
    void datagramsAreReadableEvenIfEmptyAndARefusalIsWritable() throws Exception {
        int receiver = boundDatagram();
        int sender = boundDatagram();
        poller.add(receiver, IN);
        assertSilent();
        for (int length : new int[] {1, 0}) {
            io.send(sender, ByteBuffer.allocate(length), address(receiver));
            awaitOnly(receiver, IN, NONE);
            ByteBuffer target = ByteBuffer.allocate(8);
            assertEquals(address(sender), io.receive(receiver, target));
            assertEquals(length, target.position());
            assertNull(io.receive(receiver, target));
            assertSilent();
        }

        // A connected socket refuses datagrams from other peers, and its port cannot be taken.
        int refusing = boundDatagram();
        InetSocketAddress refused = address(refusing);
        io.connect(refusing, address(receiver));
        int client = datagram();
        io.connect(client, refused);
        poller.add(client, IN);
        assertSilent();
        write(client, 1);
        awaitOnly(client, IN, ERR | HUP);
        poller.modify(client, IN | OUT);
        awaitOnly(client, IN | OUT, ERR | HUP);
        assertErrno(Errno.ECONNREFUSED, client, () -> io.receive(client, ByteBuffer.allocate(8)));
        awaitOnly(client, OUT, NONE);
    }

    @Case(21)
    void anEventfdIsReadableAboveZeroAndWritableBelowItsMaximum() throws Exception {
        int counter = eventfd(0);
        poller.add(counter, IN | OUT);
        awaitOnly(counter, OUT, NONE);
        addTo(counter, 1);
        awaitOnly(counter, IN | OUT, NONE);
        assertEquals(8, read(counter, 8));
        awaitOnly(counter, OUT, NONE);
        addTo(counter, 0xffff_ffff_ffff_fffeL);
        awaitOnly(counter, IN, NONE);
        assertEquals(8, read(counter, 8));
        awaitOnly(counter, OUT, NONE);
    }

    private void addTo(int counter, long value) throws Exception {
        ByteBuffer source = ByteBuffer.allocate(8).order(ByteOrder.nativeOrder());
        assertEquals(8, io.write(counter, source.putLong(0, value)));
    }

    @Case(22)
    void timersAndWatchersAreSilentThenReadable() throws Exception {
        int timer = track(available(() -> nativeIo().timerfd()));
        poller.add(timer, IN);
        assertSilent();
        nativeIo().setTimer(timer, TimeUnit.MILLISECONDS.toNanos(5), 0);
        awaitOnly(timer, IN, NONE);
        assertEquals(8, read(timer, 8));
        assertSilent();

        int watcher = track(nativeIo().inotify());
        nativeIo().watch(watcher, directory(), INOTIFY_CREATE);
        poller.add(watcher, IN);
        assertSilent();
        Files.createFile(directory().resolve("created"));
        awaitOnly(watcher, IN, NONE);
        assertTrue(drain(watcher) > 0);
        assertSilent();
    }

    @Case(99)
    void aProcessIsSilentUntilItEnds() throws Exception {
        Process child = start("sleep", "1000");
        int process = track(available(() -> nativeIo().pidfd(child.pid())));
        poller.add(process, IN);
        assertSilent();
        child.destroy();
        awaitOnly(process, IN, HUP); // HUP since Linux 6.9, once the process is reaped
    }

    @Case(23)
    void aPtyWithAClosedSlaveIsReadableWithHUP() throws Exception {
        int[] pty = pty();
        poller.add(pty[0], IN);
        assertSilent();
        write(pty[1], 1);
        awaitOnly(pty[0], IN, NONE);
        assertEquals(1, drain(pty[0]));
        assertSilent();
        close(pty[1]);
        awaitOnly(pty[0], IN | HUP, ERR);
    }

    @Case(24)
    void aFifoIsSilentBeforeItsFirstWriterAndReportsHUPAfterTheLast() throws Exception {
        Path path = directory().resolve("fifo");
        Process maker = start("mkfifo", path.toString());
        assertTrue(maker.waitFor(DEADLINE_NANOS, TimeUnit.NANOSECONDS));
        assertEquals(0, maker.exitValue(), "exit status of mkfifo");
        int reader = track(available(() -> nativeIo().open(path, StandardOpenOption.READ)));
        poller.add(reader, IN);
        assertSilent();
        int writer = track(nativeIo().open(path, StandardOpenOption.WRITE));
        int another = track(nativeIo().open(path, StandardOpenOption.WRITE));
        assertSilent();
        write(writer, 1);
        awaitOnly(reader, IN, NONE);
        close(writer);
        awaitOnly(reader, IN, NONE);
        assertEquals(1, drain(reader));
        assertSilent();
        close(another);
        awaitOnly(reader, IN | HUP, NONE);
        assertEquals(-1, read(reader, 1));
    }

    @Case(25)
    void aPollerWithPendingEventsIsReadable() throws Exception {
        Owner owner = owner();
        Poller inner = owner.poller();
        SortedMap<Integer, String> own = owner.descriptors();
        own.values().removeIf(kind -> !kind.equals("anon_inode:[eventpoll]"));
        if (own.isEmpty()) {
            throw new TestAbortedException("this poller has no pollable descriptor");
        }
        int nested = own.firstKey();
        poller.add(nested, IN);
        Descriptors.Pipe pipe = pipe();
        inner.add(pipe.readEnd(), IN);
        assertSilent();
        write(pipe.writeEnd(), 1);
        awaitOnly(nested, IN, NONE);
        assertEquals(IN, await(inner, pipe.readEnd(), IN));
        drain(pipe.readEnd());
        assertEquals(0, seen.poll(inner, 0));
        assertSilent();
    }

    @Case(26)
    void aSysfsAttributeReportsPRIAndStaysRegistered() throws Exception {
        require(PRI);
        Path path = Path.of("/sys/class/net/lo/mtu");
        if (!Files.isReadable(path)) {
            throw new TestAbortedException("this system has no " + path);
        }
        int attribute = track(available(() -> nativeIo().open(path)));
        poller.add(attribute, PRI);
        // The kernel reports it as changed until it is read for the first time.
        awaitOnly(attribute, PRI | ERR, NONE);
        awaitOnly(attribute, PRI | ERR, NONE);
        poller.modify(attribute, IN | PRI);
        awaitOnly(attribute, IN | PRI | ERR, NONE);
        assertTrue(drain(attribute) > 0);
        awaitOnly(attribute, IN, NONE);
        poller.modify(attribute, PRI);
        assertSilent();
        poller.remove(attribute);
    }

    @Case(27)
    void outOfBandDataReportsPRIButNotIN() throws Exception {
        require(PRI);
        Tcp tcp = tcp();
        poller.add(tcp.fd(), IN | PRI | RDHUP);
        assertSilent();
        tcp.peer().sendUrgentData(1);
        awaitOnly(tcp.fd(), PRI, NONE);
        assertNotNull(io.remoteAddress(tcp.fd()), "still connected");
    }
}
