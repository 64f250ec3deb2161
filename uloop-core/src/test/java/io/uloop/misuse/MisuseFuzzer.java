package io.uloop.misuse;

import io.uloop.Handle;
import io.uloop.ReadWriteProcs;
import io.uloop.Timer;
import io.uloop.Uloop;
import io.uloop.connection.Connection;
import io.uloop.connection.ConnectionOptions;
import io.uloop.net.LoopChannel;
import io.uloop.net.StreamChannel;
import io.uloop.net.UdpChannel;
import io.uloop.net.UnixChannel;
import io.uloop.poller.ClosedPollerException;
import io.uloop.poller.DatagramAddress;
import io.uloop.poller.DatagramBatch;
import io.uloop.poller.DatagramError;
import io.uloop.poller.DatagramInfo;
import io.uloop.poller.Descriptors;
import io.uloop.poller.EventSink;
import io.uloop.poller.NativeDescriptors;
import io.uloop.poller.Poller;
import io.uloop.poller.PollerProvider;
import io.uloop.poller.Pollers;
import io.uloop.poller.UEvent;
import io.uloop.poller.tck.Ends;
import io.uloop.poller.tck.HighNumbers;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.BooleanSupplier;

/**
 * Misuses the public API: calls it from several threads at once, on loops and pollers that others
 * run or close, on closed descriptors and channels, and with buffers that other threads move or
 * free. Exceptions are expected. A JVM crash, an {@link Error}, a call that never returns and a
 * byte written outside the given buffers are failures.
 *
 * <pre>{@code java io.uloop.misuse.MisuseFuzzer [CALLS [SEED [BACKEND]]]}</pre>
 *
 * <p>The seed determines the calls of each thread, but not how the threads interleave. Two misuses
 * are left out because the documentation forbids them and no check can detect them. A channel is
 * not closed during a call of another thread, and only descriptors of the fuzzer are closed by
 * number.
 *
 * <p>A libkqueue, loaded by the system property {@code uloop.kqueue.library}, is not notified when
 * a registered descriptor is closed, and crashes at the next wait. On it, the fuzzer deregisters
 * each descriptor from all pollers and loops before it closes it.
 */
public final class MisuseFuzzer {
    private static final int THREADS = 4;
    private static final int BUFFERS = 48;
    private static final int FILES = 24;
    private static final int POLLERS = 3;
    private static final int LOOPS = 3;
    private static final int CHANNELS = 6;
    private static final long SHORT_NANOS = 50_000;
    private static final long PATIENCE_MILLIS = 60_000;

    private static final long RETRY_NANOS = 20_000;

    private final PollerProvider provider;
    private final Descriptors io;

    /** Whether a descriptor must be deregistered before it is closed. */
    private final boolean removesFirst;

    /**
     * If descriptors are deregistered first: shared by registering calls, exclusive for closing.
     */
    private final ReentrantReadWriteLock registering = new ReentrantReadWriteLock();

    private final long calls;
    private final AtomicLong made = new AtomicLong();
    private final Map<String, AtomicLong> outcomes = new ConcurrentHashMap<>();
    private final List<String> faults = new CopyOnWriteArrayList<>();

    private final AtomicReferenceArray<GuardedBuffer> buffers = new AtomicReferenceArray<>(BUFFERS);
    private final AtomicIntegerArray files = new AtomicIntegerArray(FILES);
    private final AtomicReferenceArray<Poller> pollers = new AtomicReferenceArray<>(POLLERS);
    private final AtomicReferenceArray<Uloop> loops = new AtomicReferenceArray<>(LOOPS);
    private final AtomicReferenceArray<Shared> channels = new AtomicReferenceArray<>(CHANNELS);
    private final AtomicReferenceArray<Connection> connections = new AtomicReferenceArray<>(2);
    private final AtomicReferenceArray<Handle> hooks = new AtomicReferenceArray<>(8);
    private final AtomicReferenceArray<Timer> timers = new AtomicReferenceArray<>(8);
    private final AtomicReferenceArray<ReadWriteProcs> procs = new AtomicReferenceArray<>(8);
    private final DatagramBatch[] batches = {
        new DatagramBatch(1, 100), new DatagramBatch(8, 2_000), new DatagramBatch(64, 50)
    };
    private final DatagramAddress address = new DatagramAddress();
    private final DatagramInfo info = new DatagramInfo();
    private final SocketAddress[] peers;
    private final Path file;

    /** A channel, and the lock that guards its close. */
    private record Shared(LoopChannel channel, ReentrantReadWriteLock lock) {}

    /** A call that may throw anything except an {@link Error}. */
    private interface Call {
        void make() throws Exception;
    }

    private MisuseFuzzer(PollerProvider provider, long calls) throws IOException {
        this.provider = provider;
        this.calls = calls;
        io = provider.descriptors();
        removesFirst =
                provider.name().equals("kqueue")
                        && System.getProperty("uloop.kqueue.library") != null;
        peers =
                new SocketAddress[] {
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), 9),
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), 9)
                };
        file = Files.createTempFile("misuse", ".bytes");
        byte[] bytes = new byte[100_000];
        Arrays.fill(bytes, (byte) 'A');
        Files.write(file, bytes);
        for (DatagramBatch batch : batches) {
            for (int slot = 0; slot < batch.capacity(); slot++) {
                ByteBuffer data = batch.data(slot);
                data.clear();
                while (data.hasRemaining()) {
                    data.put((byte) 'B');
                }
            }
        }
    }

    /**
     * Fuzzes one backend.
     *
     * @param provider the backend, which must be usable
     * @param calls how many calls to make
     * @param seed determines the calls
     * @return how often each outcome occurred, for display
     * @throws AssertionError if a call had a forbidden effect
     */
    public static Map<String, Long> run(PollerProvider provider, long calls, long seed)
            throws Exception {
        MisuseFuzzer fuzzer = new MisuseFuzzer(provider, calls);
        try {
            fuzzer.fuzz(seed);
        } finally {
            fuzzer.close();
        }
        if (!fuzzer.faults.isEmpty()) {
            throw new AssertionError(
                    provider.name() + ", seed " + seed + ": " + String.join("\n", fuzzer.faults));
        }
        Map<String, Long> counts = new TreeMap<>();
        fuzzer.outcomes.forEach((name, count) -> counts.put(name, count.get()));
        return counts;
    }

    /**
     * Runs the fuzzer and prints the result.
     *
     * @param arguments CALLS, by default 1000000; SEED, a number or {@code random}; BACKEND, by
     *     default the best one
     */
    public static void main(String[] arguments) throws Exception {
        long calls = arguments.length > 0 ? Long.parseLong(arguments[0]) : 1_000_000;
        long seed =
                arguments.length > 1 && !arguments[1].equals("random")
                        ? Long.parseLong(arguments[1])
                        : new SplittableRandom().nextLong();
        PollerProvider provider =
                arguments.length > 2 ? Pollers.provider(arguments[2]) : Pollers.provider();
        System.out.println(provider.name() + ", " + calls + " calls, seed " + seed);
        long start = System.nanoTime();
        run(provider, calls, seed)
                .forEach((name, count) -> System.out.println(count + "\t" + name));
        System.out.println(
                "no fault in "
                        + calls
                        + " calls, "
                        + Duration.ofNanos(System.nanoTime() - start).toSeconds()
                        + " s");
    }

    private void fuzz(long seed) throws Exception {
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < BUFFERS; i++) {
            buffers.set(i, GuardedBuffer.random(random));
        }
        for (int i = 0; i < POLLERS; i++) {
            pollers.set(i, provider.open());
        }
        for (int i = 0; i < LOOPS; i++) {
            loops.set(i, openLoop());
        }
        for (int i = 0; i < FILES; i += 2) {
            openFiles(random, i);
        }
        for (int i = 0; i < CHANNELS; i++) {
            openChannel(random, i);
        }
        for (int i = 0; i < connections.length(); i++) {
            openConnection(i);
        }
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            SplittableRandom own = random.split();
            threads.add(new Thread(() -> fuzz(own), "fuzz-" + i));
        }
        // The last loop runs on its own thread, with which the others interfere.
        threads.add(new Thread(this::keepRunning, "fuzz-loop"));
        threads.forEach(Thread::start);
        if (endsInTime(threads)) {
            for (int i = 0; i < BUFFERS; i++) {
                note(buffers.get(i).fault());
            }
        }
    }

    /** Waits for the threads. Records their stacks if no call has returned for a minute. */
    private boolean endsInTime(List<Thread> threads) throws InterruptedException {
        long progress = -1;
        for (Thread thread : threads) {
            while (thread.isAlive()) {
                thread.join(PATIENCE_MILLIS);
                if (thread.isAlive() && progress == made.get()) {
                    faults.add("no call returns: " + stacks(threads));
                    return false;
                }
                progress = made.get();
            }
        }
        return true;
    }

    private static String stacks(List<Thread> threads) {
        StringBuilder stacks = new StringBuilder();
        for (Thread each : threads) {
            stacks.append('\n').append(each.getName());
            for (StackTraceElement frame : each.getStackTrace()) {
                stacks.append("\n  ").append(frame);
            }
        }
        return stacks.toString();
    }

    private void keepRunning() {
        while (made.get() < calls && faults.isEmpty()) {
            attempt("run", () -> loops.get(LOOPS - 1).run());
            attempt("reopen", () -> replaceIfClosed(LOOPS - 1));
        }
    }

    private void fuzz(SplittableRandom random) {
        while (made.getAndIncrement() < calls && faults.isEmpty()) {
            GuardedBuffer buffer = buffers.get(random.nextInt(BUFFERS));
            switch (random.nextInt(9)) {
                case 0 -> usePoller(random);
                case 1 -> useLoop(random);
                case 2, 3 -> useDescriptor(random, buffer);
                case 4 -> useVectors(random);
                case 5 -> useDatagrams(random, buffer);
                case 6 -> useChannel(random, buffer);
                case 7 -> useSocket(random, buffer);
                default -> changeBuffer(random, buffer);
            }
            note(buffer.guardFault());
        }
        loops.get(LOOPS - 1).stop();
    }

    private EventSink removingSink(Poller poller) {
        return (fd, events) -> {
            if (events == UEvent.OUT) {
                attempt("remove in a sink", () -> poller.remove(fd));
            }
        };
    }

    private void removeIn(Uloop loop, int fd) {
        attempt("remove in a handler", () -> loop.remove(fd));
    }

    private static Duration shortTime(SplittableRandom random) {
        return Duration.ofNanos(random.nextInt(1_000_000));
    }

    private void usePoller(SplittableRandom random) {
        int place = random.nextInt(POLLERS);
        Poller poller = pollers.get(place);
        int fd = fd(random);
        int interest = random.nextInt() & (UEvent.INTERESTS | UEvent.MODES);
        switch (random.nextInt(12)) {
            case 0, 1, 2 -> register("Poller.add", () -> poller.add(fd, interest));
            case 3, 4 -> attempt("Poller.modify", () -> poller.modify(fd, interest));
            case 5, 6 -> attempt("Poller.remove", () -> poller.remove(fd));
            case 7, 8 ->
                    attempt(
                            "Poller.poll",
                            () ->
                                    poller.poll(
                                            random.nextInt(2) * SHORT_NANOS, removingSink(poller)));
            case 9, 10 -> attempt("Poller.wakeup", poller::wakeup);
            default -> {
                if (random.nextInt(10) == 0) {
                    attempt("Poller.close", poller::close);
                    attempt("Poller.open", () -> pollers.getAndSet(place, provider.open()).close());
                }
            }
        }
    }

    /** Returns shared procs, or new ones of this descriptor half of the time. */
    private ReadWriteProcs procs(Uloop loop, int fd, int slot) {
        ReadWriteProcs shared = (fd & 1) == 0 ? null : procs.get(slot);
        if (shared == null) {
            shared = new ReadWriteProcs(loop, fd);
            procs.set(slot, shared);
        }
        return shared;
    }

    private void useLoop(SplittableRandom random) {
        int place = random.nextInt(LOOPS);
        Uloop loop = loops.get(place);
        int fd = fd(random);
        int interest = random.nextInt() & (UEvent.INTERESTS | UEvent.ONESHOT);
        int slot = random.nextInt(timers.length());
        switch (random.nextInt(20)) {
            case 0, 1 ->
                    register(
                            "Uloop.add",
                            () -> loop.add(fd, interest, (ready, events) -> removeIn(loop, ready)));
            case 2 -> attempt("Uloop.modify", () -> loop.modify(fd, interest));
            case 3 -> attempt("Uloop.remove", () -> loop.remove(fd));
            case 4 ->
                    register(
                            "ReadWriteProcs.setReader",
                            () -> procs(loop, fd, slot).setReader((f, data, e) -> {}, ""));
            case 5 ->
                    register(
                            "ReadWriteProcs.setWriter",
                            () -> procs(loop, fd, slot).setWriter((f, data, e) -> {}, ""));
            case 6 ->
                    attempt(
                            "ReadWriteProcs.removeReader",
                            () -> procs(loop, fd, slot).removeReader());
            case 7 ->
                    attempt(
                            "ReadWriteProcs.removeWriter",
                            () -> procs(loop, fd, slot).removeWriter());
            case 8 ->
                    attempt(
                            "Uloop.callLater",
                            () -> timers.set(slot, loop.callLater(shortTime(random), () -> {})));
            case 9 -> attempt("Timer.close", () -> timers.get(slot).close());
            case 10 ->
                    attempt("Timer.reschedule", () -> timers.get(slot).reschedule(Duration.ZERO));
            case 11 -> attempt("Uloop.execute", () -> loop.execute(() -> {}));
            case 12 -> attempt("Uloop.callSoon", () -> loop.callSoon(() -> {}));
            case 13 ->
                    attempt("Uloop.beforePoll", () -> hooks.set(slot, loop.beforePoll(this::hook)));
            case 14 -> attempt("Handle.close", () -> hooks.get(slot).close());
            case 15, 16 ->
                    attempt("Uloop.runOnce", () -> loop.runOnce(random.nextInt(2) * SHORT_NANOS));
            case 17 -> attempt("Uloop.metrics", () -> check(loop.metrics() + loop.toString()));
            case 18 -> attempt("Uloop.stop", loop::stop);
            default -> {
                if (random.nextInt(20) == 0) {
                    attempt("Uloop.close", loop::close);
                    attempt("Uloop.open", () -> replaceIfClosed(place));
                }
            }
        }
    }

    private void hook() {}

    private static void check(String text) {
        if (text.isEmpty()) {
            throw new IllegalStateException("empty");
        }
    }

    private void useDescriptor(SplittableRandom random, GuardedBuffer buffer) {
        int fd = fd(random);
        int place = random.nextInt(FILES / 2) * 2;
        switch (random.nextInt(20)) {
            case 0, 1, 2, 3, 4 -> attempt("read", () -> io.read(fd, buffer.body));
            case 5, 6, 7, 8, 9 -> attempt("write", () -> io.write(fd, buffer.body));
            case 10 ->
                    attempt(
                            "transfer",
                            () -> {
                                FileChannel source = FileChannel.open(file);
                                boolean closedFirst = random.nextInt(8) == 0;
                                try {
                                    if (closedFirst) {
                                        source.close();
                                    }
                                    io.transfer(
                                            source,
                                            random.nextInt(200_000),
                                            random.nextInt(200_000),
                                            fd);
                                } finally {
                                    source.close();
                                }
                            });
            case 11 ->
                    attempt(
                            "sendDescriptors",
                            () -> nativeIo().sendDescriptors(fd, buffer.body, fd(random)));
            case 12 ->
                    attempt(
                            "receiveDescriptors",
                            () -> {
                                int[] received = new int[4];
                                Arrays.fill(received, -1);
                                try {
                                    nativeIo().receiveDescriptors(fd, buffer.body, received);
                                } finally {
                                    for (int each : received) {
                                        if (each >= 0) {
                                            io.close(each);
                                        }
                                    }
                                }
                            });
            case 13 -> attempt("shutdownOutput", () -> io.shutdownOutput(fd));
            case 14 -> attempt("localAddress", () -> check("" + io.localAddress(fd)));
            case 15 ->
                    attempt(
                            "setOption",
                            () ->
                                    io.setOption(
                                            fd,
                                            StandardSocketOptions.SO_RCVBUF,
                                            random.nextInt(100_000)));
            case 16 -> attempt("connect", () -> io.connect(fd, peers[random.nextInt(2)]));
            case 17 -> attempt("finishConnect", () -> io.finishConnect(fd));
            case 18 -> attempt("supportedOptions", () -> check("" + io.supportedOptions(fd)));
            default -> {
                if (random.nextInt(4) == 0) {
                    replaceFiles(random, place);
                }
            }
        }
    }

    private void replaceFiles(SplittableRandom random, int place) {
        if (removesFirst) {
            registering.writeLock().lock();
        }
        try {
            for (int i = place; i < place + 2; i++) {
                int fd = files.get(i);
                if (removesFirst) {
                    deregister(fd);
                }
                attempt("close", () -> io.close(fd));
            }
            attempt("open", () -> openFiles(random, place));
        } finally {
            if (removesFirst) {
                registering.writeLock().unlock();
            }
        }
    }

    /** Makes a call that may register a descriptor. */
    private void register(String name, Call call) {
        if (!removesFirst) {
            attempt(name, call);
            return;
        }
        registering.readLock().lock();
        try {
            attempt(name, call);
        } finally {
            registering.readLock().unlock();
        }
    }

    /** Deregisters a descriptor wherever it is registered. */
    private void deregister(int fd) {
        for (int i = 0; i < POLLERS; i++) {
            Poller poller = pollers.get(i);
            retry(() -> poller.remove(fd), () -> false);
        }
        for (int i = 0; i < LOOPS; i++) {
            Uloop loop = loops.get(i);
            AtomicBoolean removed = new AtomicBoolean();
            attempt(
                    "Uloop.execute",
                    () ->
                            loop.execute(
                                    () -> {
                                        attempt("Uloop.remove", () -> loop.remove(fd));
                                        removed.set(true);
                                    }));
            retry(() -> loop.remove(fd), removed::get);
        }
    }

    /** Repeats a call until no other thread is using its poller or loop, or it is not needed. */
    private void retry(Call call, BooleanSupplier isDone) {
        while (!isDone.getAsBoolean() && faults.isEmpty()) {
            try {
                call.make();
                return;
            } catch (ClosedPollerException e) {
                return;
            } catch (IllegalStateException e) {
                LockSupport.parkNanos(RETRY_NANOS);
            } catch (Exception e) {
                return; // not registered
            }
        }
    }

    private void useVectors(SplittableRandom random) {
        ByteBuffer[] vector = new ByteBuffer[random.nextInt(6)];
        for (int i = 0; i < vector.length; i++) {
            vector[i] = buffers.get(random.nextInt(BUFFERS)).body;
            if (i > 0 && random.nextInt(4) == 0) {
                vector[i] = vector[i - 1]; // uses the same buffer twice
            }
        }
        int offset = random.nextInt(3) - (random.nextInt(10) == 0 ? 1 : 0);
        int length = random.nextInt(vector.length + 2) - offset;
        int fd = fd(random);
        if (random.nextBoolean()) {
            attempt("read of a vector", () -> io.read(fd, vector, offset, length));
        } else {
            attempt("write of a vector", () -> io.write(fd, vector, offset, length));
        }
    }

    private void useSocket(SplittableRandom random, GuardedBuffer buffer) {
        int fd = fd(random);
        switch (random.nextInt(13)) {
            case 0 -> attempt("kind", () -> check("" + io.kind(fd)));
            case 1 -> attempt("disconnect", () -> io.disconnect(fd));
            case 2 -> attempt("isBlocking", () -> nativeIo().isBlocking(fd));
            case 3 -> attempt("peek", () -> nativeIo().peek(fd, buffer.body));
            case 4 -> attempt("writeMore", () -> nativeIo().writeMore(fd, buffer.body));
            case 5 -> attempt("sendUrgent", () -> nativeIo().sendUrgent(fd, (byte) 'C'));
            case 6 -> attempt("receiveUrgent", () -> nativeIo().receiveUrgent(fd));
            case 7 -> attempt("takeError", () -> check("" + nativeIo().takeError(fd)));
            case 8 ->
                    attempt(
                            "option by number",
                            () ->
                                    nativeIo()
                                            .option(
                                                    fd,
                                                    random.nextInt(50),
                                                    random.nextInt(100),
                                                    ByteBuffer.allocate(random.nextInt(300))));
            case 9 -> attempt("receive info", () -> nativeIo().receive(fd, buffer.body, info));
            case 10 -> attempt("send info", () -> nativeIo().send(fd, buffer.body, info));
            case 11 ->
                    attempt(
                            "receiveError",
                            () -> nativeIo().receiveError(fd, buffer.body, new DatagramError()));
            default -> attempt("info", () -> info.local().set(peers[random.nextInt(2)]));
        }
    }

    private void useDatagrams(SplittableRandom random, GuardedBuffer buffer) {
        int fd = fd(random);
        DatagramBatch batch = batches[random.nextInt(batches.length)];
        int from = random.nextInt(batch.capacity() + 1);
        int count = random.nextInt(batch.capacity() + 1);
        switch (random.nextInt(8)) {
            case 0 -> attempt("receive", () -> io.receive(fd, buffer.body));
            case 1 -> attempt("receive from", () -> io.receive(fd, buffer.body, address));
            case 2 -> attempt("send", () -> io.send(fd, buffer.body, peers[random.nextInt(2)]));
            case 3 -> attempt("send to", () -> io.send(fd, buffer.body, address));
            case 4 -> attempt("receive of a batch", () -> io.receive(fd, batch));
            case 5 -> attempt("send of a batch", () -> io.send(fd, batch, from, count));
            case 6 ->
                    attempt(
                            "change of a batch",
                            () -> {
                                int slot = random.nextInt(batch.capacity());
                                batch.address(slot).set(peers[random.nextInt(2)]);
                                batch.setSegmentBytes(slot, random.nextInt(100));
                                move(random, batch.data(slot));
                            });
            default -> attempt("address", () -> address.set(peers[random.nextInt(2)]));
        }
    }

    private void useChannel(SplittableRandom random, GuardedBuffer buffer) {
        int place = random.nextInt(CHANNELS);
        Shared shared = channels.get(place);
        if (random.nextInt(40) == 0) {
            shared.lock.writeLock().lock();
            try {
                attempt("channel.close", shared.channel::close);
            } finally {
                shared.lock.writeLock().unlock();
            }
            if (random.nextBoolean()) {
                attempt("channel.open", () -> openChannel(random, place));
            }
            return;
        }
        if (random.nextInt(4) == 0) {
            useConnection(random, buffer);
            return;
        }
        shared.lock.readLock().lock();
        try {
            useOpenChannel(random, buffer, shared.channel);
        } finally {
            shared.lock.readLock().unlock();
        }
    }

    private void useOpenChannel(
            SplittableRandom random, GuardedBuffer buffer, LoopChannel channel) {
        switch (random.nextInt(7)) {
            case 0 -> attempt("channel.register", () -> channel.register(UEvent.IN, (f, e) -> {}));
            case 1 -> attempt("channel.modify", () -> channel.modify(UEvent.OUT));
            case 2 -> attempt("channel.unregister", channel::unregister);
            case 3, 4 ->
                    attempt(
                            "channel.read",
                            () -> {
                                if (channel instanceof StreamChannel stream) {
                                    stream.read(buffer.body);
                                } else if (channel instanceof UdpChannel datagrams) {
                                    datagrams.receive(buffer.body);
                                }
                            });
            default ->
                    attempt(
                            "channel.write",
                            () -> {
                                if (channel instanceof StreamChannel stream) {
                                    stream.write(buffer.body);
                                } else if (channel instanceof UdpChannel datagrams) {
                                    datagrams.send(buffer.body, peers[random.nextInt(2)]);
                                }
                            });
        }
    }

    private void useConnection(SplittableRandom random, GuardedBuffer buffer) {
        int place = random.nextInt(connections.length());
        Connection connection = connections.get(place);
        switch (random.nextInt(8)) {
            case 0, 1, 2, 3 -> attempt("connection.write", () -> connection.write(buffer.body));
            case 4 -> attempt("connection.shutdownOutput", connection::shutdownOutput);
            case 5 -> attempt("connection.close", connection::close);
            case 6 -> attempt("connection.abort", connection::abort);
            default -> attempt("connection.open", () -> openConnection(place));
        }
    }

    private void changeBuffer(SplittableRandom random, GuardedBuffer buffer) {
        switch (random.nextInt(20)) {
            case 0 -> {
                if (buffer.hasArena()) {
                    attempt("Arena.close", buffer::closeArena);
                }
            }
            case 1 ->
                    attempt(
                            "new buffer",
                            () -> {
                                int place = random.nextInt(BUFFERS);
                                note(buffers.get(place).fault());
                                buffers.set(place, GuardedBuffer.random(random));
                            });
            default -> attempt("move", () -> move(random, buffer.body));
        }
    }

    private static void move(SplittableRandom random, ByteBuffer buffer) {
        switch (random.nextInt(4)) {
            case 0 -> buffer.clear();
            case 1 -> buffer.position(random.nextInt(buffer.limit() + 1));
            case 2 -> buffer.limit(random.nextInt(buffer.capacity() + 1));
            default -> buffer.flip();
        }
    }

    /** Returns any number of the fuzzer, open or closed, and sometimes an invalid one. */
    private int fd(SplittableRandom random) {
        return random.nextInt(50) == 0 ? -1 - random.nextInt(3) : files.get(random.nextInt(FILES));
    }

    /**
     * Opens files. Synchronized, because concurrent searches for high numbers would take each
     * other's.
     */
    private synchronized void openFiles(SplittableRandom random, int place) throws IOException {
        int[] pair;
        switch (random.nextInt(4)) {
            case 0 -> pair = Ends.of(io.pipe());
            case 1 -> {
                pair = new int[] {openDatagram(0), openDatagram(1)};
                io.connect(pair[0], peers[1]);
            }
            default -> pair = socketPair();
        }
        files.set(place, HighNumbers.raise(io, pair[0]));
        files.set(place + 1, HighNumbers.raise(io, pair[1]));
    }

    private int[] socketPair() throws IOException {
        return io instanceof NativeDescriptors all ? Ends.of(all.socketPair()) : Ends.of(io.pipe());
    }

    private NativeDescriptors nativeIo() {
        return NativeDescriptors.of(provider);
    }

    private int openDatagram(int peer) throws IOException {
        int fd = io.openDatagram(StandardProtocolFamily.INET);
        io.bind(fd, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        SocketAddress local = io.localAddress(fd);
        if (local != null) {
            peers[peer] = local;
        }
        return fd;
    }

    private Uloop openLoop() throws IOException {
        return Uloop.builder()
                .poller(provider)
                .spinThreshold(Duration.ZERO)
                .errorHandler((loop, source, error) -> {})
                .build();
    }

    private void replaceIfClosed(int place) throws IOException {
        Uloop loop = loops.get(place);
        if (!loop.isOpen()) {
            Uloop fresh = openLoop();
            if (!loops.compareAndSet(place, loop, fresh)) {
                fresh.close();
            }
        }
    }

    private void openChannel(SplittableRandom random, int place) throws IOException {
        Uloop loop = loops.get(random.nextInt(LOOPS));
        LoopChannel channel;
        if (random.nextBoolean()) {
            channel =
                    UdpChannel.open(
                            loop, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        } else {
            UnixChannel[] pair = unixPair(loop);
            channel = pair[0];
            pair[1].close();
        }
        Shared former =
                channels.getAndSet(place, new Shared(channel, new ReentrantReadWriteLock()));
        if (former != null) {
            close(former);
        }
    }

    private UnixChannel[] unixPair(Uloop loop) throws IOException {
        try {
            UnixChannel.Pair pair = UnixChannel.pair(loop);
            return new UnixChannel[] {pair.first(), pair.second()};
        } catch (UnsupportedOperationException e) {
            return new UnixChannel[] {UnixChannel.open(loop), UnixChannel.open(loop)};
        }
    }

    private void openConnection(int place) throws IOException {
        Uloop loop = loops.get(place);
        UnixChannel[] pair = unixPair(loop);
        pair[1].close();
        Connection connection =
                Connection.open(
                        pair[0],
                        ConnectionOptions.builder().build(),
                        (of, data) -> data.position(data.limit()));
        Connection former = connections.getAndSet(place, connection);
        if (former != null) {
            attempt("connection.abort", former::abort);
        }
    }

    /** Makes a call and counts its outcome. */
    private void attempt(String name, Call call) {
        String outcome = "done";
        try {
            call.make();
        } catch (Exception e) {
            outcome = e.getClass().getSimpleName();
        } catch (Throwable e) {
            StringBuilder words = new StringBuilder(name + " threw " + e);
            for (StackTraceElement frame : e.getStackTrace()) {
                words.append("\n  ").append(frame);
            }
            faults.add(words.toString());
        }
        outcomes.computeIfAbsent(name + ": " + outcome, unused -> new AtomicLong())
                .incrementAndGet();
    }

    private void note(String fault) {
        if (fault != null) {
            faults.add(fault);
        }
    }

    private void close(Shared shared) {
        shared.lock.writeLock().lock();
        try {
            attempt("channel.close", shared.channel::close);
        } finally {
            shared.lock.writeLock().unlock();
        }
    }

    private void close() throws IOException {
        for (int i = 0; i < connections.length(); i++) {
            Connection connection = connections.get(i);
            if (connection != null) {
                attempt("connection.abort", connection::abort);
            }
        }
        for (int i = 0; i < LOOPS; i++) {
            Uloop loop = loops.get(i);
            attempt("Uloop.runOnce", () -> loop.runOnce(0));
            loop.close();
        }
        for (int i = 0; i < CHANNELS; i++) {
            Shared shared = channels.get(i);
            if (shared != null) {
                close(shared);
            }
        }
        for (int i = 0; i < POLLERS; i++) {
            pollers.get(i).close();
        }
        for (int i = 0; i < FILES; i++) {
            int fd = files.get(i);
            attempt("close", () -> io.close(fd));
        }
        Files.deleteIfExists(file);
    }
}
