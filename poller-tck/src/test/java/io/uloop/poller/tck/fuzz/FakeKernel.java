package io.uloop.poller.tck.fuzz;

import io.uloop.poller.Descriptors;
import io.uloop.poller.Poller;
import io.uloop.poller.PollerException;
import io.uloop.poller.PollerProvider;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Pipe;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** In-memory pipes, event counters and duplicates, with a backend that has one fault. */
final class FakeKernel implements PollerProvider {
    private static final int PIPE_BYTES = 4096;
    private static final long COUNTER_MAX = -2; // as an unsigned number

    /** An open file: an end of a pipe, or a counter, which is its own peer. */
    static final class File {
        final boolean reads;
        final boolean writes;
        File peer = this;
        int holders;
        long amount; // readable bytes, or the value of a counter
        int news;

        File(boolean reads, boolean writes) {
            this.reads = reads;
            this.writes = writes;
        }

        /** Returns the events that poll(2) would report. */
        int readiness() {
            boolean isAlone = peer.holders == 0;
            if (peer == this) {
                return (amount != 0 ? UEvent.IN : 0) | (amount != COUNTER_MAX ? UEvent.OUT : 0);
            } else if (reads) {
                return (amount > 0 ? UEvent.IN : 0) | (isAlone ? UEvent.HUP : 0);
            }
            return (peer.amount < PIPE_BYTES ? UEvent.OUT : 0) | (isAlone ? UEvent.ERR : 0);
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
    private final List<Pipe> leaked = new ArrayList<>();
    private final Descriptors descriptors;

    FakeKernel(Fault fault) {
        this.fault = fault;
        this.descriptors =
                (Descriptors)
                        Proxy.newProxyInstance(
                                Descriptors.class.getClassLoader(),
                                new Class<?>[] {Descriptors.class},
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
    public Poller open() throws IOException {
        if (fault == Fault.LEAKS_WHEN_CLOSED) {
            leaked.add(Pipe.open());
        }
        return new FakePoller(this);
    }

    void closeLeaked() throws IOException {
        for (Pipe pipe : leaked) {
            pipe.source().close();
            pipe.sink().close();
        }
    }

    @Override
    public Descriptors descriptors() {
        return descriptors;
    }

    @Nullable Slot slot(int fd) {
        return slots.get(fd);
    }

    private Object call(String name, Object[] arguments) throws IOException {
        return switch (name) {
            case "pipe" -> pipe();
            case "eventfd" -> take(new File(true, true));
            case "dup" -> take(open((int) arguments[0]));
            case "read" -> read(open((int) arguments[0]), (ByteBuffer) arguments[1]);
            case "write" -> write(open((int) arguments[0]), (ByteBuffer) arguments[1]);
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

    private int[] pipe() {
        File reader = new File(true, false);
        File writer = new File(false, true);
        reader.peer = writer;
        writer.peer = reader;
        return new int[] {take(reader), take(writer)};
    }

    private File open(int fd) throws PollerException {
        Slot slot = slots.get(fd);
        if (slot == null) {
            throw new PollerException("fake", "", fd, "EBADF", "closed");
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

    private static int read(File file, ByteBuffer target) {
        if (file.peer == file) {
            if (file.amount == 0) {
                return 0;
            }
            target.order(ByteOrder.nativeOrder()).putLong(file.amount);
            file.amount = 0;
            file.news++;
            return Long.BYTES;
        }
        int taken = (int) Math.min(file.amount, target.remaining());
        file.amount -= taken;
        file.peer.news++;
        return taken == 0 && file.peer.holders == 0 ? -1 : taken;
    }

    private static int write(File file, ByteBuffer source) throws PollerException {
        if (file.peer.holders == 0) {
            throw new PollerException("fake", "", -1, "EPIPE", "no reader");
        }
        File reader = file.peer;
        int accepted = (int) Math.min(PIPE_BYTES - reader.amount, source.remaining());
        if (reader == file) {
            long sum = file.amount + source.order(ByteOrder.nativeOrder()).getLong();
            if (Long.compareUnsigned(sum, COUNTER_MAX) > 0
                    || Long.compareUnsigned(sum, file.amount) < 0) {
                return 0;
            }
            file.amount = sum;
            accepted = Long.BYTES;
        } else {
            reader.amount += accepted;
        }
        reader.news++;
        return accepted;
    }
}
