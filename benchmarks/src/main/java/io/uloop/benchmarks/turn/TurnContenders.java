package io.uloop.benchmarks.turn;

import static java.util.Objects.requireNonNull;

import io.uloop.Uloop;
import io.uloop.UloopBuilder;
import io.uloop.benchmarks.report.Question;
import io.uloop.poller.NativeDescriptors;
import io.uloop.poller.PollerProvider;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.Pipe;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Opens the contenders of all questions, with one backend and on shared descriptors. */
final class TurnContenders implements AutoCloseable {
    static final Question TURN =
            Question.bars(
                    "turn",
                    "A turn with one event",
                    "What does a turn cost if one descriptor is ready?",
                    "ns of CPU time");

    static final Question MANY =
            Question.bars(
                    "turn-1000-ready",
                    "A poll of 1000 ready descriptors",
                    "What does an event cost if 1000 descriptors are ready?",
                    "ns of CPU time per event");

    static final Question TRANSFER =
            Question.bars(
                    "turn-transfer",
                    "64 bytes over a unix socket",
                    "What does it cost to write 64 bytes and to read them at the other end?",
                    "ns of CPU time");

    static final Question DATAGRAM =
            Question.bars(
                    "turn-datagram",
                    "A datagram of 64 bytes",
                    "What does it cost to send a datagram of 64 bytes and to receive it with the"
                            + " address of its sender?",
                    "ns of CPU time");

    static final Question EMPTY_READ =
            Question.bars(
                    "turn-empty-read",
                    "A read without data",
                    "What does a read cost if a socket has nothing to read?",
                    "ns of CPU time");

    static final Question PARTS =
            Question.bars(
                    "turn-parts",
                    "Parts of a turn",
                    "What do the calls cost of which a turn consists?",
                    "ns of CPU time");

    static final List<Question> QUESTIONS =
            List.of(TURN, MANY, TRANSFER, DATAGRAM, EMPTY_READ, PARTS);

    private static final int MANY_READY = 1000;
    private static final int BYTES = 64;
    private static final int TIMERS = 10_000;
    private static final long ONE_SECOND_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** The descriptors are ready all the time, so the loops would report that they spin. */
    private static final Duration NEVER = Duration.ofDays(1);

    private final PollerProvider provider;
    private final NativeDescriptors descriptors;
    private final @Nullable CCalls c;
    private final Scene scene;
    private final List<Entry> entries = new ArrayList<>();

    /**
     * Creates no contenders.
     *
     * @param provider a native backend
     * @param c the C contenders' functions, or null to leave these contenders out
     */
    TurnContenders(PollerProvider provider, @Nullable CCalls c) {
        this.provider = provider;
        this.c = c;
        descriptors = (NativeDescriptors) provider.descriptors();
        scene = new Scene(descriptors);
    }

    /** Opens all contenders. */
    List<Entry> open() throws IOException {
        int[] ready = scene.readyPipes(MANY_READY);
        Pipe.SourceChannel[] readyChannels = scene.readyJdkPipes(MANY_READY);
        addTurns(ready[0], readyChannels[0]);
        if (c != null) {
            add(MANY, "c", "epoll_wait(-1)", MANY_READY, new CWait(c, -1, ready));
        }
        add(MANY, "jdk-consumer", "select()", MANY_READY, new SelectConsumer(readyChannels));
        add(MANY, ours(), "poll(-1)", MANY_READY, new PollerPoll(provider, -1, ready));
        addTransfers();
        addDatagrams();
        addParts();
        return List.copyOf(entries);
    }

    private void addTurns(int fd, Pipe.SourceChannel channel) throws IOException {
        if (c != null) {
            add(TURN, "c", "epoll_wait(-1)", new CWait(c, -1, fd));
            add(TURN, "c", "epoll_wait(0)", new CWait(c, 0, fd));
            add(TURN, "c", "epoll_wait(1000)", new CWait(c, 1000, fd));
            add(TURN, "c", "epoll_pwait2(0)", new CPreciseWait(c, 0, fd));
            add(TURN, "c", "epoll_pwait2(1 s)", new CPreciseWait(c, ONE_SECOND_NANOS, fd));
        }
        add(TURN, "jdk-consumer", "select()", new SelectConsumer(channel));
        add(TURN, "jdk-consumer", "selectNow()", new SelectNow(channel));
        add(TURN, ours(), "poll(0)", new PollerPoll(provider, 0, fd));
        add(TURN, ours(), "poll(-1)", new PollerPoll(provider, -1, fd));
        add(TURN, ours(), "poll(1 s)", new PollerPoll(provider, ONE_SECOND_NANOS, fd));
        add(TURN, ours(), "run", new LoopTurns(loop(), fd, 0));
        add(TURN, ours(), "run, 10000 timers", new LoopTurns(loop(), fd, TIMERS));
        add(TURN, ours(), "runOnce(-1)", new LoopRunOnce(loop(), fd, 0));
        add(TURN, ours(), "runOnce(-1), 10000 timers", new LoopRunOnce(loop(), fd, TIMERS));
    }

    private void addTransfers() throws IOException {
        NativeDescriptors.SocketPair sockets = scene.sockets();
        Scene.Channels channels = scene.jdkSockets();
        int from = sockets.first();
        int to = sockets.second();
        if (c != null) {
            add(TRANSFER, "c", "send, recv", new CTransfer(c, from, to, BYTES));
            add(EMPTY_READ, "c", "recv", new CEmptyRead(c, to));
        }
        add(
                TRANSFER,
                "jdk",
                "SocketChannel",
                new ChannelTransfer(channels.first(), channels.second(), BYTES));
        add(TRANSFER, ours(), "Descriptors", new DescriptorsTransfer(descriptors, from, to, BYTES));
        add(EMPTY_READ, "jdk", "SocketChannel", new ChannelEmptyRead(channels.second()));
        add(EMPTY_READ, ours(), "Descriptors", new DescriptorsEmptyRead(descriptors, to));
    }

    private void addDatagrams() throws IOException {
        int from = scene.datagramSocket();
        int to = scene.datagramSocket();
        InetSocketAddress target = (InetSocketAddress) requireNonNull(descriptors.localAddress(to));
        if (c != null) {
            add(
                    DATAGRAM,
                    "c",
                    "sendto, recvfrom",
                    new CDatagrams(c, from, to, target.getPort(), BYTES));
        }
        add(
                DATAGRAM,
                "jdk",
                "DatagramChannel",
                new ChannelDatagrams(
                        scene.jdkDatagramChannel(), scene.jdkDatagramChannel(), BYTES));
        add(
                DATAGRAM,
                ours(),
                "Descriptors",
                new DescriptorsDatagrams(descriptors, from, to, target, BYTES));
    }

    private void addParts() {
        add(PARTS, "jdk", "System.nanoTime", new NanoTime());
        add(PARTS, "jdk", "compareAndSet", new CompareAndSet());
        if (c != null) {
            add(PARTS, ours(), "native call", new EmptyCall(c));
        }
    }

    private UloopBuilder loop() {
        return Uloop.builder().poller(provider).spinThreshold(NEVER);
    }

    private String ours() {
        return provider.name();
    }

    private void add(Question question, String name, String call, Contender contender) {
        add(question, name, call, 1, contender);
    }

    private void add(
            Question question, String name, String call, int operations, Contender contender) {
        entries.add(new Entry(question, name, call, operations, contender));
    }

    @Override
    public void close() throws IOException {
        for (Entry entry : entries) {
            entry.contender().close();
        }
        scene.close();
    }
}
