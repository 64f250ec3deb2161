package io.uloop.live;

import io.uloop.Uloop;
import io.uloop.group.UloopGroup;
import io.uloop.poller.PollerProvider;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

/**
 * Configures and opens a {@link LivePage}. Not thread-safe.
 *
 * @since 0.1
 */
public final class LivePageBuilder {
    /** Enough for the events that 16 clients have not read. */
    private static final long BUFFER_BUDGET = 16 << 20;

    private final ShownLoops loops = new ShownLoops();
    private InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    private boolean remote;
    private Duration period = Duration.ofSeconds(1);

    LivePageBuilder() {}

    /**
     * Shows a loop.
     *
     * @param loop an open loop
     * @return this
     */
    public LivePageBuilder show(Uloop loop) {
        loops.add(Objects.requireNonNull(loop, "loop"));
        return this;
    }

    /**
     * Shows the loops of a group, including those that replace others.
     *
     * @param group a group
     * @return this
     */
    public LivePageBuilder show(UloopGroup group) {
        loops.add(Objects.requireNonNull(group, "group"));
        return this;
    }

    /**
     * Sets the address. The default is any port of the loopback address.
     *
     * @param address an address of this machine; port 0 for any port
     * @return this
     */
    public LivePageBuilder address(InetSocketAddress address) {
        this.address = Objects.requireNonNull(address, "address");
        return this;
    }

    /**
     * Sets whether the address may be another than a loopback address. Anybody who reaches it can
     * then read the page, which has neither a password nor TLS, so use it only in a network that
     * you trust. Off by default.
     *
     * @param allow whether to serve other machines
     * @return this
     */
    public LivePageBuilder allowRemote(boolean allow) {
        remote = allow;
        return this;
    }

    /** Sets how often the page is updated. Tests need not wait for seconds. */
    LivePageBuilder period(Duration samples) {
        period = samples;
        return this;
    }

    /**
     * Opens the page.
     *
     * @return a new page for each call
     * @throws IllegalArgumentException if the address is not resolved, or not a loopback address
     *     without {@link #allowRemote}
     * @throws IllegalStateException if there is nothing to show
     * @throws IOException EADDRINUSE, EADDRNOTAVAIL, EACCES, EMFILE, ENFILE, ENOMEM
     */
    public LivePage build() throws IOException {
        List<Uloop> shown = loops.list();
        if (shown.isEmpty()) {
            throw new IllegalStateException("a live page needs a loop or a group to show");
        }
        InetAddress host = address.getAddress();
        if (host == null) {
            throw new IllegalArgumentException("the address " + address + " is not resolved");
        }
        if (!remote && !host.isLoopbackAddress()) {
            throw new IllegalArgumentException(
                    address
                            + " is not a loopback address; a live page is only for this machine"
                            + " unless allowRemote(true) is set");
        }
        return open(shown.get(0).provider());
    }

    private LivePage open(PollerProvider provider) throws IOException {
        Uloop own =
                Uloop.builder()
                        .poller(provider)
                        .name("uloop-live")
                        .bufferBudget(BUFFER_BUDGET)
                        .build();
        try {
            return new LivePage(own, loops.copy(), address, remote, period);
        } catch (IOException | RuntimeException | Error e) {
            own.close();
            throw e;
        }
    }
}
