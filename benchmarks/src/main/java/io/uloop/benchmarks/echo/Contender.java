package io.uloop.benchmarks.echo;

import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.uloop.poller.PollerProvider;
import io.uloop.poller.Pollers;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A server to compare. The constants are in the order of the table. */
enum Contender {
    C(Transport.TCP, Transport.UDP),
    C_BATCH(Transport.UDP),
    ULOOP(Transport.TCP, Transport.UDP),
    ULOOP_BATCH(Transport.UDP),
    ULOOP_POLL(Transport.TCP, Transport.UDP),
    ULOOP_SELECT(Transport.TCP, Transport.UDP),
    FIBERS_LOOP(Transport.TCP),
    FIBERS_JDK(Transport.TCP),
    FIBERS_PLATFORM(Transport.TCP),
    VTHREADS_CHANNEL(Transport.TCP),
    VTHREADS_SOCKET(Transport.TCP),
    NIO(Transport.TCP, Transport.UDP),
    NETTY_EPOLL(Transport.TCP, Transport.UDP),
    NETTY_SEGMENTS(Transport.UDP),
    NETTY_NIO(Transport.TCP, Transport.UDP);

    /** The servers compared by default. */
    static final Set<Contender> USUAL =
            EnumSet.complementOf(EnumSet.of(ULOOP_POLL, ULOOP_SELECT, FIBERS_PLATFORM));

    @SuppressWarnings("ImmutableEnumChecker") // a Set.of
    private final Set<Transport> transports;

    Contender(Transport... transports) {
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
            case ULOOP, ULOOP_BATCH, FIBERS_PLATFORM -> backend("epoll");
            case ULOOP_POLL -> backend("poll");
            case FIBERS_LOOP -> firstOf(backend("epoll"), VirtualThreads.whyNotScheduled());
            case FIBERS_JDK -> firstOf(backend("epoll"), VirtualThreads.unavailability());
            case VTHREADS_CHANNEL, VTHREADS_SOCKET -> VirtualThreads.unavailability();
            case NETTY_EPOLL ->
                    Epoll.isAvailable() ? null : String.valueOf(Epoll.unavailabilityCause());
            case NETTY_SEGMENTS ->
                    EpollDatagramChannel.isSegmentedDatagramPacketSupported()
                            ? null
                            : "Netty supports no segmented datagrams here (sendmmsg and UDP_SEGMENT)";
            case C, C_BATCH, ULOOP_SELECT, NIO, NETTY_NIO -> null;
        };
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
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
