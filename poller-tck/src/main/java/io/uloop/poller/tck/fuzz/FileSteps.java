package io.uloop.poller.tck.fuzz;

import io.uloop.poller.Descriptors;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * Takes the steps that concern files and not the poller. Each step is applied to the descriptors
 * and to the ends of the model, and waits until it has taken effect. Steps that make no sense, such
 * as a write to a closed descriptor, are skipped.
 */
final class FileSteps {
    /** The size of the direct buffer. Larger reads and writes use a heap buffer. */
    private static final int CHUNK_BYTES = 64 * 1024;

    /** The maximum size of one write. */
    private static final int MAX_BYTES = 512 * 1024;

    /** The maximum size of one write to anything but a stream. */
    private static final int SMALL_BYTES = 100;

    /** The size of one read that drains a stream; no multiple of a kernel's own limits. */
    private static final int DRAIN_BYTES = 150_001;

    private static final int QUEUED_DATAGRAMS = 8;
    private static final int QUEUED_CONNECTIONS = 8;
    private static final int QUEUED_TERMINAL_BYTES = 1000;

    private final Subject subject;
    private final Descriptors io;
    private final Model model;
    private final Map<Integer, Handle> handles = new LinkedHashMap<>();
    private final ByteBuffer counter =
            ByteBuffer.allocateDirect(Long.BYTES).order(ByteOrder.nativeOrder());
    private final ByteBuffer direct = ByteBuffer.allocateDirect(CHUNK_BYTES);
    private final byte[] heap = new byte[DRAIN_BYTES];

    /** The start of the next write in the random bytes, which makes writes differ. */
    private int contentOffset;

    /** A call that writes. */
    private interface Writing {
        long call() throws IOException;
    }

    FileSteps(Subject subject, Model model) {
        this.subject = subject;
        this.io = subject.io;
        this.model = model;
    }

    /** Returns a descriptor by name, open or closed, or null if it was never opened. */
    @Nullable Handle handle(int name) {
        return handles.get(name);
    }

    /** Takes a step on a file, if the file exists. */
    void take(Step step, @Nullable Handle target) throws IOException {
        if (step.verb() == Verb.OPEN) {
            open(step);
        } else if (target != null && target.isOpen()) {
            switch (step.verb()) {
                case DUP -> dup(target, step.other());
                case CONNECT -> connect(target, step.other());
                case ACCEPT -> accept(target, step.other());
                case CLOSE -> close(target);
                case RESET -> reset(target);
                case SHUTDOWN -> shutdown(target);
                case WRITE -> write(target, step.operand());
                case GATHER -> gather(target, step.operand());
                case EMPTY -> sendEmpty(target);
                case MISCONNECT -> misconnect(target);
                case FILL -> fill(target);
                case READ -> read(target, step.operand(), false);
                case DRAIN -> read(target, Integer.MAX_VALUE, true);
                default -> throw new IllegalArgumentException("not a step on files: " + step);
            }
        }
        settle();
    }

    /** Waits until the effects have visibly arrived in the kernel. */
    private void settle() throws IOException {
        for (Handle handle : handles.values()) {
            if (handle.isOpen() && handle.end.onTheWay() != 0) {
                subject.await(handle.fd, handle.end.onTheWay());
                handle.end.seenToArrive();
            }
        }
    }

    /** Closes everything without leaving connections in TIME_WAIT. */
    void discardAll() throws IOException {
        for (Handle handle : handles.values()) {
            if (handle.isOpen()) {
                model.closed(handle);
                subject.discard(handle.fd, handle.end.kind);
            }
        }
    }

    private boolean isTaken(int name) {
        return handles.containsKey(name);
    }

    private void put(int name, int fd, End end) {
        Handle handle = new Handle(name, fd, end);
        handles.put(name, handle);
        model.opened(handle);
    }

    private void open(Step step) throws IOException {
        int[] names = {step.target(), step.other()};
        Kind kind = step.kind();
        if (isTaken(names[0])
                || (kind.descriptors == 2 && (isTaken(names[1]) || names[0] == names[1]))
                || !subject.kinds.contains(kind)) {
            return;
        }
        int[] fds = subject.open(kind);
        End[] ends = End.of(kind);
        for (int i = 0; i < fds.length; i++) {
            put(names[i], fds[i], ends[i]);
        }
    }

    private void dup(Handle target, int name) throws IOException {
        if (subject.hasDup && !isTaken(name)) {
            put(name, subject.nativeIo().dup(target.fd), target.end);
        }
    }

    private void connect(Handle listener, int name) throws IOException {
        if (listener.end.kind == Kind.LISTENER
                && listener.end.backlog.size() < QUEUED_CONNECTIONS
                && !isTaken(name)) {
            int fd = subject.connectTo(listener.fd);
            End[] ends = End.of(Kind.TCP);
            put(name, fd, ends[0]);
            listener.end.queued(ends[1]);
        }
    }

    private void accept(Handle listener, int name) throws IOException {
        if (listener.end.kind != Kind.LISTENER || isTaken(name)) {
            return;
        }
        if (!listener.end.backlog.isEmpty()) {
            int fd = subject.accept(listener.fd);
            put(name, fd, listener.end.accepted());
        } else if (io.accept(listener.fd) != Descriptors.NONE) {
            throw wrong(listener + " accepted an unexpected connection");
        }
    }

    private void close(Handle target) throws IOException {
        model.closed(target);
        io.close(target.fd);
    }

    private void reset(Handle target) throws IOException {
        if (target.end.kind == Kind.TCP) {
            io.setOption(target.fd, StandardSocketOptions.SO_LINGER, 0);
            target.end.resetOnClose();
        }
        close(target);
    }

    private void shutdown(Handle target) throws IOException {
        End end = target.end;
        if ((end.kind != Kind.TCP && end.kind != Kind.UNIX) || end.isBroken()) {
            return;
        }
        try {
            io.shutdownOutput(target.fd);
        } catch (IOException e) {
            if (!end.mayFailToWrite()) {
                throw wrong("shutdown of " + target, e);
            }
        }
        end.shutdown();
    }

    // Writing

    private void write(Handle target, int number) throws IOException {
        End end = target.end;
        if (!end.mayWrite()) {
            return;
        }
        if (end.kind == Kind.EVENTFD) {
            increase(target, number);
        } else if (isRoomForOne(end)) {
            int before = end.certain();
            int limit = end.kind.isStream() ? MAX_BYTES : SMALL_BYTES;
            int written = writeOnce(target, Math.min(number, limit));
            requireTakenIfRoomy(target, before, written);
        }
    }

    private static void requireTakenIfRoomy(Handle target, int before, int written) {
        if (written == 0 && (before & UEvent.OUT) != 0) {
            throw wrong("write to " + target + " would block, but the buffer has space");
        }
    }

    /** Writes a heap buffer, a direct buffer and the heap buffer again with one call. */
    private void gather(Handle target, int number) throws IOException {
        End end = target.end;
        if (!end.mayWrite() || end.kind == Kind.EVENTFD || !isRoomForOne(end)) {
            return;
        }
        int bytes = Math.min(number, end.kind.isStream() ? CHUNK_BYTES - 1 : SMALL_BYTES);
        ByteBuffer twice = nextContent(bytes);
        ByteBuffer once = direct.clear().put(nextContent(bytes + 1)).flip();
        ByteBuffer content = ByteBuffer.allocate(3 * bytes + 1);
        content.put(twice.duplicate()).put(once.duplicate()).put(twice.duplicate()).flip();
        int before = end.certain();
        ByteBuffer[] sources = {twice, once, twice};
        int written = writeOnce(target, content, () -> io.write(target.fd, sources, 0, 3));
        requireTakenIfRoomy(target, before, written);
        if (written == content.remaining() && (twice.hasRemaining() || once.hasRemaining())) {
            throw wrong("gathered write to " + target + " did not consume its buffers");
        }
    }

    private ByteBuffer nextContent(int bytes) {
        contentOffset = (contentOffset + 7919) % Content.OFFSETS;
        return ByteBuffer.wrap(Content.BYTES, contentOffset, bytes);
    }

    /** Random bytes, the same in every run. */
    private static final class Content {
        static final int OFFSETS = 1 << 16;
        static final byte[] BYTES = new byte[OFFSETS + MAX_BYTES];

        static {
            new Random(1).nextBytes(BYTES);
        }
    }

    private void sendEmpty(Handle target) throws IOException {
        End end = target.end;
        if (end.kind != Kind.UDP
                || !isRoomForOne(end)
                || (end.mayFailToWrite() && !subject.sendsEmpty)) {
            return;
        }
        try {
            if (subject.sendEmpty(target.fd)) {
                end.wrote(ByteBuffer.allocate(0));
            }
        } catch (IOException e) {
            if (!end.mayFailToWrite()) {
                throw wrong("empty datagram from " + target, e);
            }
            end.toldOfRefusal();
        }
    }

    private void misconnect(Handle target) throws IOException {
        if (target.end.kind != Kind.UDP) {
            return;
        }
        SocketAddress before = io.remoteAddress(target.fd);
        boolean failed = false;
        try {
            io.connect(target.fd, subject.broadcast);
        } catch (IOException e) {
            failed = true;
        }
        SocketAddress after = io.remoteAddress(target.fd);
        if (!failed || !Objects.equals(before, after)) {
            throw wrong(
                    target
                            + (failed
                                    ? ", after a connect that failed,"
                                    : ", without SO_BROADCAST,")
                            + " is connected to "
                            + after
                            + " and not to "
                            + before);
        }
    }

    /**
     * Returns whether the queue has space in the model. A full kernel queue would drop or stall.
     */
    private static boolean isRoomForOne(End end) {
        int waiting = end.unreadByPeer();
        return switch (end.kind) {
            case UDP -> waiting < QUEUED_DATAGRAMS;
            case PTY -> waiting < QUEUED_TERMINAL_BYTES;
            default -> true;
        };
    }

    private int writeOnce(Handle target, int bytes) throws IOException {
        ByteBuffer content = nextContent(bytes);
        ByteBuffer source =
                bytes > CHUNK_BYTES
                        ? content.duplicate()
                        : direct.clear().put(content.duplicate()).flip();
        int start = source.position();
        int written = writeOnce(target, content, () -> io.write(target.fd, source));
        if (source.position() - start != Math.max(written, 0)) {
            throw wrong(
                    "write to "
                            + target
                            + " wrote "
                            + written
                            + " bytes, but consumed "
                            + (source.position() - start));
        }
        return written;
    }

    /** Returns the bytes written, 0 if it would block, -1 if it failed. */
    private static int writeOnce(Handle target, ByteBuffer content, Writing writing)
            throws IOException {
        End end = target.end;
        int asked = content.remaining();
        try {
            int written = (int) writing.call();
            if (written < 0 || written > asked) {
                throw wrong("write to " + target + " wrote " + written + " of " + asked + " bytes");
            }
            if (written > 0) {
                end.wrote(content.slice(content.position(), written));
            }
            if (written < asked) {
                end.wasFull();
            }
            return written;
        } catch (IOException e) {
            if (!end.mayFailToWrite()) {
                throw wrong("write to " + target, e);
            }
            end.toldOfRefusal();
            return -1;
        }
    }

    private void fill(Handle target) throws IOException {
        switch (target.end.kind) {
            case PIPE, UNIX, TCP -> {
                for (int size : new int[] {CHUNK_BYTES, 1}) {
                    boolean taken = target.end.mayWrite();
                    while (taken) {
                        taken = writeOnce(target, size) > 0;
                    }
                }
            }
            case EVENTFD -> {
                long room = End.COUNTER_MAX - target.end.counter();
                if (room != 0) {
                    increase(target, room);
                }
            }
            default -> {} // no limit that a test can reach
        }
    }

    private void increase(Handle target, long number) throws IOException {
        long value = target.end.counter() + number;
        boolean fits =
                Long.compareUnsigned(value, target.end.counter()) >= 0
                        && Long.compareUnsigned(value, End.COUNTER_MAX) <= 0;
        int written = io.write(target.fd, counter.clear().putLong(number).flip());
        if (written != (fits ? Long.BYTES : 0)) {
            throw wrong("write to " + target + " wrote " + written + " bytes");
        }
        if (fits) {
            target.end.count(value);
        }
    }

    // Reading

    private void read(Handle target, int number, boolean drains) throws IOException {
        End end = target.end;
        if (!end.mayRead()) {
            return;
        }
        if (end.kind == Kind.EVENTFD) {
            readCounter(target);
        } else if (end.kind == Kind.UDP && (end.unread() > 0 || end.isRefused())) {
            readDatagrams(target, number);
        } else if (end.isBroken()) {
            readBroken(target, number);
        } else if (end.unread() == 0) {
            int expected = end.isAtEnd() ? -1 : 0;
            int read = io.read(target.fd, direct.clear().limit(1));
            if (read != expected) {
                throw wrong("read of " + target + " returned " + read + ", expected " + expected);
            }
        } else if (drains && end.kind.isStream()) {
            drainStream(target);
        } else {
            readStream(target, Math.min(number, end.unread()));
        }
    }

    private void readCounter(Handle target) throws IOException {
        int read = io.read(target.fd, counter.clear());
        long value = target.end.counter();
        if (read != (value == 0 ? 0 : Long.BYTES) || (read > 0 && counter.getLong(0) != value)) {
            throw wrong("read of " + target + " returned " + read + " bytes");
        }
        target.end.count(0);
    }

    private void readDatagrams(Handle target, int number) throws IOException {
        End end = target.end;
        for (int i = 0; i < number && (end.unread() > 0 || end.isRefused()); i++) {
            try {
                if (end.hasEmptyDatagram()) { // reads as 0, as does "would block"
                    subject.await(target.fd, UEvent.IN);
                }
                int read = io.read(target.fd, direct.clear());
                if (!end.tookDatagram(read)) {
                    if (read != 0 || end.unread() == 0) {
                        throw wrong(
                                "read of " + target + " returned " + read + ", which was not sent");
                    }
                    subject.await(target.fd, UEvent.IN);
                }
            } catch (IOException e) {
                if (!end.isRefused()) {
                    throw wrong("read of " + target, e);
                }
                end.toldOfRefusal();
            }
        }
    }

    /** Accepts data, an error or end of stream, but not that the read would block. */
    private void readBroken(Handle target, int number) throws IOException {
        int left = number;
        while (left > 0) {
            int read;
            try {
                read = io.read(target.fd, direct.clear().limit(Math.min(left, CHUNK_BYTES)));
            } catch (IOException e) {
                read = -1;
            }
            if (read == 0) {
                throw wrong("read of broken " + target + " would block");
            }
            if (read < 0) {
                target.end.toldOfEnd();
                return;
            }
            target.end.took(Math.min(read, target.end.unread()));
            left -= read;
        }
    }

    /** Reads until a read is short. Then the kernel must have had no more bytes. */
    private void drainStream(Handle target) throws IOException {
        End end = target.end;
        int read;
        do {
            read = readOnce(target, 0, ByteBuffer.wrap(heap));
            end.took(Math.max(read, 0));
        } while (read == DRAIN_BYTES);
        if (!end.kind.isDeferred && end.unread() > 0) {
            throw wrong(
                    "read of "
                            + target
                            + " returned "
                            + read
                            + " of "
                            + DRAIN_BYTES
                            + " bytes, but "
                            + end.unread()
                            + " more were readable");
        }
        end.wasEmpty();
    }

    private void readStream(Handle target, int wanted) throws IOException {
        int done = 0;
        while (done < wanted) {
            int left = wanted - done;
            ByteBuffer buffer =
                    left > CHUNK_BYTES
                            ? ByteBuffer.wrap(heap, 0, Math.min(left, heap.length))
                            : direct.clear().limit(left);
            int read = readOnce(target, done, buffer);
            if (read == 0) {
                if (!target.end.kind.isDeferred) {
                    throw wrong("read of " + target + " would block");
                }
                subject.await(target.fd, UEvent.IN);
            }
            done += Math.max(read, 0);
        }
        target.end.took(wanted);
    }

    /**
     * Reads bytes of a stream and compares them with the bytes written.
     *
     * @param offset the number of bytes that were read but are not recorded yet
     * @return the bytes read; -1 only if there are no unread bytes
     */
    private int readOnce(Handle target, int offset, ByteBuffer buffer) throws IOException {
        End end = target.end;
        int start = buffer.position();
        int read = io.read(target.fd, buffer);
        if (read < 0 && (end.unread() > offset || !end.isAtEnd())) {
            throw wrong(
                    "read of " + target + " ended " + (end.unread() - offset) + " bytes too early");
        }
        if (buffer.position() - start != Math.max(read, 0)) {
            throw wrong("read of " + target + " returned " + read + " bytes, but filled " + buffer);
        }
        if (!end.content.contains(offset, buffer.limit(buffer.position()).position(start))) {
            throw wrong(
                    "read of " + target + " returned " + read + " bytes other than those written");
        }
        return read;
    }

    private static Divergence wrong(String message) {
        return new Divergence("descriptors", message);
    }

    private static Divergence wrong(String message, IOException cause) {
        return new Divergence("descriptors", message + ": " + cause.getMessage(), cause);
    }
}
