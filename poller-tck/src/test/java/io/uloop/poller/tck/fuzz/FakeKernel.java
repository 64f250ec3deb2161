package io.uloop.poller.tck.fuzz;

import io.uloop.poller.Descriptors;
import io.uloop.poller.Errno;
import io.uloop.poller.NativeDescriptors;
import io.uloop.poller.Poller;
import io.uloop.poller.PollerException;
import io.uloop.poller.PollerProvider;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Pipe;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * In-memory pipes, datagram sockets, event counters and duplicates, with a backend that has one
 * fault.
 */
final class FakeKernel implements PollerProvider {
    private static final int PIPE_BYTES = 160 * 1024;

    /** The size at which a faulty backend splits. */
    private static final int CHUNK_BYTES = 64 * 1024;

    private static final long COUNTER_MAX = -2; // as an unsigned number

    /** An open file: an end of a pipe, a datagram socket, or a counter, which is its own peer. */
    static final class File {
        final boolean reads;
        final boolean writes;
        File peer = this;
        int holders;
        long counter;
        int news;

        /** The unread bytes of a pipe. */
        final ByteQueue bytes = new ByteQueue();

        /** The sizes of the unread datagrams of a socket; null if this is no socket. */
        @Nullable Deque<Integer> datagrams;

        /** Whether the poller is ready that this file is for; null if it is for none. */
        @Nullable BooleanSupplier poller;

        @Nullable SocketAddress local;
        @Nullable SocketAddress remote;
        boolean refused;

        File(boolean reads, boolean writes) {
            this.reads = reads;
            this.writes = writes;
        }

        /** Returns the events that poll(2) would report. */
        int readiness() {
            if (poller != null) {
                return poller.getAsBoolean() ? UEvent.IN : 0;
            }
            boolean isAlone = peer.holders == 0;
            if (datagrams != null) {
                boolean isReadable = refused || !datagrams.isEmpty();
                return UEvent.OUT | (isReadable ? UEvent.IN : 0) | (refused ? UEvent.ERR : 0);
            } else if (peer == this) {
                return (counter != 0 ? UEvent.IN : 0) | (counter != COUNTER_MAX ? UEvent.OUT : 0);
            } else if (reads) {
                return (bytes.size() > 0 ? UEvent.IN : 0) | (isAlone ? UEvent.HUP : 0);
            }
            return (peer.bytes.size() < PIPE_BYTES ? UEvent.OUT : 0) | (isAlone ? UEvent.ERR : 0);
        }
    }

    /** An entry of the descriptor table. A reused number has a new entry. */
    static final class Slot {
        final File file;

        Slot(File file) {
            this.file = file;
        }
    }

    final Fault fault;
    private final Map<Integer, Slot> slots = new HashMap<>();
    private final Map<SocketAddress, File> sockets = new HashMap<>();
    private int lastPort = 1024;
    private int lastOfPollers = 1_000_000;
    private final List<Pipe> leaked = new ArrayList<>();
    private final NativeDescriptors descriptors;

    FakeKernel(Fault fault) {
        this.fault = fault;
        this.descriptors =
                (NativeDescriptors)
                        Proxy.newProxyInstance(
                                Descriptors.class.getClassLoader(),
                                new Class<?>[] {NativeDescriptors.class},
                                (proxy, method, arguments) ->
                                        call(
                                                method.getName(),
                                                arguments == null ? new Object[0] : arguments));
    }

    @Override
    public String name() {
        return "fake";
    }

    @Override
    public int priority() {
        return 0;
    }

    @Override
    public @Nullable String unavailability() {
        return null;
    }

    @Override
    public int supportedEvents() {
        return UEvent.INTERESTS | UEvent.OUTPUT_ONLY | UEvent.ONESHOT | UEvent.EDGE;
    }

    @Override
    public Poller open() throws PollerException {
        if (fault == Fault.LEAKS_WHEN_CLOSED) {
            leaked.add(openPipe());
        }
        return new FaultyPoller(this);
    }

    private static Pipe openPipe() {
        try {
            return Pipe.open();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void closeLeaked() throws IOException {
        for (Pipe pipe : leaked) {
            pipe.source().close();
            pipe.sink().close();
        }
    }

    @Override
    public NativeDescriptors descriptors() {
        return descriptors;
    }

    /** Opens a descriptor for the watchers of a poller, far from the numbers of others. */
    int openFor(BooleanSupplier poller) {
        File file = new File(true, false);
        file.poller = poller;
        slots.put(++lastOfPollers, new Slot(file));
        return lastOfPollers;
    }

    void closeFor(int poller) {
        slots.remove(poller);
    }

    @Nullable Slot slot(int fd) {
        return slots.get(fd);
    }

    private @Nullable Object call(String name, Object[] arguments) throws IOException {
        return switch (name) {
            case "pipe" -> pipe();
            case "eventfd" -> take(new File(true, true));
            case "dup" -> take(open((int) arguments[0]));
            case "openDatagram" -> take(socket());
            case "bind" -> bind(open((int) arguments[0]));
            case "connect" -> connect(open((int) arguments[0]), (SocketAddress) arguments[1]);
            case "localAddress" -> open((int) arguments[0]).local;
            case "remoteAddress" -> open((int) arguments[0]).remote;
            case "send" -> send(open((int) arguments[0]), (ByteBuffer) arguments[1]);
            case "read" -> read(open((int) arguments[0]), (ByteBuffer) arguments[1]);
            case "write" -> write(open((int) arguments[0]), arguments[1]);
            case "close" -> close((int) arguments[0]);
            default -> throw new UnsupportedOperationException(name);
        };
    }

    private int take(File file) {
        int fd = 3;
        while (slots.containsKey(fd)) {
            fd++;
        }
        slots.put(fd, new Slot(file));
        file.holders++;
        return fd;
    }

    private Descriptors.Pipe pipe() {
        File reader = new File(true, false);
        File writer = new File(false, true);
        reader.peer = writer;
        writer.peer = reader;
        return new Descriptors.Pipe(take(reader), take(writer));
    }

    private File open(int fd) throws PollerException {
        Slot slot = slots.get(fd);
        if (slot == null) {
            throw new PollerException("fake", "", fd, Errno.EBADF, "closed");
        }
        return slot.file;
    }

    private int close(int fd) throws PollerException {
        File file = open(fd);
        slots.remove(fd);
        file.holders--;
        file.peer.news++;
        return 0;
    }

    private static File socket() {
        File socket = new File(true, true);
        socket.datagrams = new ArrayDeque<>();
        return socket;
    }

    private @Nullable Object bind(File socket) {
        socket.local = new InetSocketAddress(InetAddress.getLoopbackAddress(), ++lastPort);
        sockets.put(socket.local, socket);
        return null;
    }

    private boolean connect(File socket, SocketAddress address) throws PollerException {
        File peer = sockets.get(address);
        if (peer == null) {
            if (fault == Fault.A_FAILED_CONNECT_TAKES_THE_PEER) {
                socket.remote = null;
            }
            if (fault == Fault.A_CONNECT_THAT_MUST_FAIL_IS_SILENT) {
                return true;
            }
            throw new PollerException("fake", "", -1, Errno.EACCES, "no SO_BROADCAST");
        }
        socket.remote = address;
        socket.peer = peer;
        return true;
    }

    private int send(File socket, ByteBuffer source) throws PollerException {
        requireNotRefused(socket);
        int bytes = source.remaining();
        source.position(source.limit());
        File receiver = socket.peer;
        if (receiver.holders == 0) {
            socket.refused = true;
            socket.news++;
        } else if (receiver.datagrams != null) {
            receiver.datagrams.add(bytes);
            receiver.news += bytes == 0 && fault == Fault.AN_EMPTY_DATAGRAM_IS_NO_NEWS ? 0 : 1;
        }
        return bytes;
    }

    private static void requireNotRefused(File socket) throws PollerException {
        if (socket.refused) {
            socket.refused = false;
            throw new PollerException("fake", "", -1, Errno.ECONNREFUSED, "no receiver");
        }
    }

    private int read(File file, ByteBuffer target) throws PollerException {
        if (file.datagrams != null) {
            requireNotRefused(file);
            Integer bytes = file.datagrams.poll();
            int none = fault == Fault.AN_EMPTY_DATAGRAM_IS_AN_END ? -1 : 0;
            return bytes == null ? 0 : bytes == 0 ? none : bytes;
        }
        if (file.peer == file) {
            if (file.counter == 0) {
                return 0;
            }
            target.order(ByteOrder.nativeOrder()).putLong(file.counter);
            file.counter = 0;
            file.news++;
            return Long.BYTES;
        }
        if (fault == Fault.A_LARGE_READ_IS_SHORT && target.remaining() > CHUNK_BYTES) {
            target.limit(target.position() + CHUNK_BYTES);
        }
        int taken = file.bytes.remove(target);
        file.peer.news++;
        return taken == 0 && file.peer.holders == 0 ? -1 : taken;
    }

    private Object write(File file, Object sources) throws PollerException {
        return sources instanceof ByteBuffer[] several
                ? (Object) gather(file, several)
                : (Object) write(file, (ByteBuffer) sources);
    }

    private int write(File file, ByteBuffer source) throws PollerException {
        if (file.datagrams != null) {
            return send(file, source);
        }
        if (file.peer.holders == 0) {
            throw new PollerException("fake", "", -1, Errno.EPIPE, "no reader");
        }
        File reader = file.peer;
        reader.news++;
        if (reader == file) {
            return count(file, source.order(ByteOrder.nativeOrder()).getLong());
        }
        int accepted = Math.min(PIPE_BYTES - reader.bytes.size(), source.remaining());
        if (fault == Fault.A_LARGE_WRITE_IS_SHORT) {
            accepted = Math.min(accepted, CHUNK_BYTES);
        }
        reader.bytes.add(source.slice(source.position(), accepted));
        source.position(source.position() + accepted);
        return accepted;
    }

    private static int count(File file, long number) {
        long sum = file.counter + number;
        if (Long.compareUnsigned(sum, COUNTER_MAX) > 0
                || Long.compareUnsigned(sum, file.counter) < 0) {
            return 0;
        }
        file.counter = sum;
        return Long.BYTES;
    }

    /** Writes the concatenated buffers. */
    private long gather(File file, ByteBuffer[] sources) throws PollerException {
        List<ByteBuffer> order = new ArrayList<>(List.of(sources));
        if (fault == Fault.A_BUFFER_GATHERED_TWICE_IS_WRITTEN_ONCE) {
            order.remove(2);
        } else if (fault == Fault.A_BUFFER_GATHERED_TWICE_IS_OUT_OF_ORDER) {
            Collections.swap(order, 1, 2);
        }
        ByteBuffer whole =
                ByteBuffer.allocate(order.stream().mapToInt(ByteBuffer::remaining).sum());
        order.forEach(source -> whole.put(source.duplicate()));
        int written = write(file, whole.flip());
        if (!whole.hasRemaining()) {
            order.forEach(source -> source.position(source.limit()));
        }
        return written;
    }
}
