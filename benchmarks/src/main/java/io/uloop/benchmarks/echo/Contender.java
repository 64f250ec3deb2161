package io.uloop.benchmarks.echo;

import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.uring.IoUring;
import io.uloop.poller.PollerProvider;
import io.uloop.poller.Pollers;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A server to compare. The constants are in the order of the table. */
enum Contender {
    C("c", Transport.TCP, Transport.UDP),
    C_BATCH("c-batch", Transport.UDP),
    ULOOP_EPOLL("uloop-epoll", Transport.TCP, Transport.UDP),
    ULOOP_KQUEUE("uloop-kqueue", Transport.TCP, Transport.UDP),
    ULOOP_POLL("uloop-poll", Transport.TCP, Transport.UDP),
    ULOOP_SELECT("uloop-select", Transport.TCP, Transport.UDP),
    ULOOP_BATCH("uloop-batch", Transport.UDP),
    CONNECTION_EPOLL("connection-epoll", Transport.TCP, Transport.TLS),
    CONNECTION_KQUEUE("connection-kqueue", Transport.TCP, Transport.TLS),
    CONNECTION_POLL("connection-poll", Transport.TCP, Transport.TLS),
    CONNECTION_SELECT("connection-select", Transport.TCP, Transport.TLS),
    FIBERS_LOOP("fibers-loop", Transport.TCP),
    FIBERS_JDK("fibers-jdk", Transport.TCP),
    FIBERS_PLATFORM("fibers-platform", Transport.TCP),
    VTHREADS_CHANNEL("vthreads-channel", Transport.TCP),
    VTHREADS_SOCKET("vthreads-socket", Transport.TCP, Transport.TLS),
    THREADS_SOCKET("threads-socket", Transport.TCP, Transport.TLS),
    NIO("nio", Transport.TCP, Transport.UDP),
    NETTY_EPOLL("netty-epoll", Transport.TCP, Transport.UDP, Transport.TLS),
    NETTY_SEGMENTS("netty-segments", Transport.UDP),
    NETTY_IO_URING("netty-io_uring", Transport.TCP, Transport.UDP, Transport.TLS),
    NETTY_NIO("netty-nio", Transport.TCP, Transport.UDP, Transport.TLS);

    /** The servers compared by default. */
    static final Set<Contender> USUAL =
            EnumSet.complementOf(
                    EnumSet.of(
                            ULOOP_KQUEUE,
                            ULOOP_POLL,
                            ULOOP_SELECT,
                            CONNECTION_KQUEUE,
                            CONNECTION_POLL,
                            CONNECTION_SELECT,
                            FIBERS_PLATFORM,
                            THREADS_SOCKET));

    private final String text;

    @SuppressWarnings("ImmutableEnumChecker") // a Set.of
    private final Set<Transport> transports;

    Contender(String text, Transport... transports) {
        this.text = text;
        this.transports = Set.of(transports);
    }

    /**
     * Finds a server by its name on the command line.
     *
     * @throws IllegalArgumentException if no server has that name
     */
    static Contender of(String name) {
        return Arrays.stream(values())
                .filter(contender -> contender.toString().equals(name))
                .findFirst()
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        "unknown server "
                                                + name
                                                + "; choose from "
                                                + Arrays.toString(values())));
    }

    boolean isProgram() {
        return this == C || this == C_BATCH;
    }

    boolean speaks(Transport transport) {
        return transports.contains(transport);
    }

    /** Returns why the server cannot run here, or null if it can. Does not check for a compiler. */
    @Nullable String unavailability() {
        return switch (this) {
            case ULOOP_EPOLL, CONNECTION_EPOLL, ULOOP_BATCH, FIBERS_PLATFORM -> backend("epoll");
            case ULOOP_KQUEUE, CONNECTION_KQUEUE -> backend("kqueue");
            case ULOOP_POLL, CONNECTION_POLL -> backend("poll");
            case FIBERS_LOOP -> firstOf(backend("epoll"), VirtualThreads.whyNotScheduled());
            case FIBERS_JDK -> firstOf(backend("epoll"), VirtualThreads.unavailability());
            case VTHREADS_CHANNEL, VTHREADS_SOCKET -> VirtualThreads.unavailability();
            case NETTY_EPOLL -> reason(Epoll.unavailabilityCause());
            case NETTY_IO_URING -> reason(IoUring.unavailabilityCause());
            case NETTY_SEGMENTS ->
                    EpollDatagramChannel.isSegmentedDatagramPacketSupported()
                            ? null
                            : "Netty supports no segmented datagrams here (sendmmsg and UDP_SEGMENT)";
            case C, C_BATCH, ULOOP_SELECT, CONNECTION_SELECT, THREADS_SOCKET, NIO, NETTY_NIO ->
                    null;
        };
    }

    private static @Nullable String reason(@Nullable Throwable cause) {
        return cause == null ? null : cause.toString();
    }

    private static @Nullable String backend(String name) {
        for (PollerProvider provider : Pollers.providers()) {
            if (provider.name().equals(name)) {
                return provider.unavailability();
            }
        }
        return "unknown backend " + Objects.requireNonNull(name);
    }

    private static @Nullable String firstOf(@Nullable String reason, @Nullable String other) {
        return reason != null ? reason : other;
    }

    /** Returns the name on the command line. */
    @Override
    public String toString() {
        return text;
    }
}
