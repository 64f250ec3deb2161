package io.uloop.poller.tck.fuzz;

import io.uloop.poller.Descriptors;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Takes the steps that concern files and not the poller. Each step is applied to the descriptors
 * and to the ends of the model, and waits until it has taken effect. Steps that make no sense, such
 * as a write to a closed descriptor, are skipped.
 */
final class FileSteps {
    private static final int CHUNK_BYTES = 64 * 1024;
    private static final int QUEUED_DATAGRAMS = 8;
    private static final int QUEUED_CONNECTIONS = 8;
    private static final int QUEUED_TERMINAL_BYTES = 1000;

    private final Subject subject;
    private final Descriptors io;
    private final Model model;
    private final Map<Integer, Handle> handles = new LinkedHashMap<>();
    private final ByteBuffer buffer =
            ByteBuffer.allocateDirect(CHUNK_BYTES).order(ByteOrder.nativeOrder());

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
                case FILL -> fill(target);
                case READ -> read(target, step.operand());
                case DRAIN -> read(target, Integer.MAX_VALUE);
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
            put(name, io.dup(target.fd), target.end);
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
            int written = writeOnce(target, number);
            if (written == 0 && (before & UEvent.OUT) != 0) {
                throw wrong("write to " + target + " would block, but the buffer has space");
            }
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

    /** Returns the bytes written, 0 if it would block, -1 if it failed. */
    private int writeOnce(Handle target, int bytes) throws IOException {
        End end = target.end;
        try {
            int written = io.write(target.fd, buffer.clear().limit(bytes));
            if (written > 0) {
                end.wrote(written);
            } else {
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
        int written = io.write(target.fd, buffer.clear().putLong(number).flip());
        if (written != (fits ? Long.BYTES : 0)) {
            throw wrong("write to " + target + " wrote " + written + " bytes");
        }
        if (fits) {
            target.end.count(value);
        }
    }

    // Reading

    private void read(Handle target, int number) throws IOException {
        End end = target.end;
        if (!end.mayRead()) {
            return;
        }
        if (end.kind == Kind.EVENTFD) {
            readCounter(target);
        } else if (end.kind == Kind.UDP) {
            readDatagrams(target, number);
        } else if (end.isBroken()) {
            readBroken(target, number);
        } else if (end.unread() > 0) {
            readStream(target, Math.min(number, end.unread()));
        } else {
            int expected = end.isAtEnd() ? -1 : 0;
            int read = io.read(target.fd, buffer.clear().limit(1));
            if (read != expected) {
                throw wrong("read of " + target + " returned " + read + ", expected " + expected);
            }
        }
    }

    private void readCounter(Handle target) throws IOException {
        int read = io.read(target.fd, buffer.clear().limit(Long.BYTES));
        long value = target.end.counter();
        if (read != (value == 0 ? 0 : Long.BYTES) || (read > 0 && buffer.getLong(0) != value)) {
            throw wrong("read of " + target + " returned " + read + " bytes");
        }
        target.end.count(0);
    }

    private void readDatagrams(Handle target, int number) throws IOException {
        End end = target.end;
        for (int i = 0; i < number && (end.unread() > 0 || end.isRefused()); i++) {
            try {
                int read = io.read(target.fd, buffer.clear());
                if (read > 0) {
                    end.took(1);
                } else if (end.unread() > 0) {
                    subject.await(target.fd, UEvent.IN);
                } else {
                    throw wrong("read of " + target + " would block");
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
                read = io.read(target.fd, buffer.clear().limit(Math.min(left, CHUNK_BYTES)));
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

    private void readStream(Handle target, int wanted) throws IOException {
        int left = wanted;
        while (left > 0) {
            int read = io.read(target.fd, buffer.clear().limit(Math.min(left, CHUNK_BYTES)));
            if (read < 0) {
                throw wrong("read of " + target + " ended " + left + " bytes too early");
            }
            if (read == 0) {
                if (!target.end.kind.isDeferred) {
                    throw wrong("read of " + target + " would block");
                }
                subject.await(target.fd, UEvent.IN);
            }
            left -= read;
        }
        target.end.took(wanted);
    }

    private static Divergence wrong(String message) {
        return new Divergence("descriptors", message);
    }

    private static Divergence wrong(String message, IOException cause) {
        return new Divergence("descriptors", message + ": " + cause.getMessage(), cause);
    }
}
