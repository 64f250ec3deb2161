package io.uloop;

import io.uloop.poller.PollerProvider;
import io.uloop.poller.Pollers;
import java.io.IOException;
import java.time.InstantSource;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Describes a {@link Uloop}. Not for several threads at once. */
public final class UloopBuilder {
    private @Nullable String pollerSpec;
    private @Nullable PollerProvider pollerProvider;
    @Nullable String name;
    int turnBound = 1024;
    boolean alwaysReadyFiles;
    InstantSource wallClock = InstantSource.system();
    ErrorHandler errorHandler = (loop, source, error) -> {};

    UloopBuilder() {}

    /**
     * Asks for a backend by specification; replaces what was asked for before.
     *
     * @param spec as for {@link Pollers#provider(String)}
     * @return this
     */
    public UloopBuilder poller(String spec) {
        pollerSpec = Objects.requireNonNull(spec, "spec");
        pollerProvider = null;
        return this;
    }

    /**
     * Asks for a backend; replaces what was asked for before.
     *
     * @param provider opens the poller
     * @return this
     */
    public UloopBuilder poller(PollerProvider provider) {
        pollerProvider = Objects.requireNonNull(provider, "provider");
        pollerSpec = null;
        return this;
    }

    /**
     * Sets who is told of exceptions; by default they are only logged.
     *
     * @param handler called after each is logged
     * @return this
     */
    public UloopBuilder errorHandler(ErrorHandler handler) {
        errorHandler = Objects.requireNonNull(handler, "handler");
        return this;
    }

    /**
     * Names the loop in logs and messages; by default it gets a number.
     *
     * @param name any text
     * @return this
     */
    public UloopBuilder name(String name) {
        this.name = Objects.requireNonNull(name, "name");
        return this;
    }

    /**
     * Bounds what one turn does: that many timers and that many tasks at most before descriptors
     * have their turn; 1024 by default. How many events a turn delivers is the backend's to bound.
     *
     * @param calls 1 or more
     * @return this
     * @throws IllegalArgumentException if it is less than 1
     */
    public UloopBuilder turnBound(int calls) {
        if (calls < 1) {
            throw new IllegalArgumentException("a turn must make 1 call or more, not " + calls);
        }
        turnBound = calls;
        return this;
    }

    /**
     * Takes files that no kernel polls (regular files, directories, /dev/null), which {@link
     * Uloop#add} otherwise refuses with EPERM, as ready in every turn. So a program whose input may
     * be {@code < file} needs no second way of reading. Off by default, because a handler that does
     * not remove such a descriptor at its end keeps the loop busy for ever.
     *
     * @param on whether to take them
     * @return this
     */
    public UloopBuilder alwaysReadyFiles(boolean on) {
        alwaysReadyFiles = on;
        return this;
    }

    /**
     * Sets the wall clock of {@link Uloop#callAt(java.time.Instant, Runnable)}; by default the
     * system's.
     *
     * @param clock asked by the loop's thread
     * @return this
     */
    public UloopBuilder wallClock(InstantSource clock) {
        wallClock = Objects.requireNonNull(clock, "clock");
        return this;
    }

    /**
     * Opens the loop.
     *
     * @return a new one each time
     * @throws io.uloop.poller.PollerUnavailableException if the specification is unknown or names
     *     nothing usable
     * @throws UnsupportedOperationException if the provider given is not usable
     * @throws IOException EMFILE, ENFILE, ENOMEM if the kernel has no room for its poller
     */
    public Uloop build() throws IOException {
        return new Uloop(this);
    }

    PollerProvider resolve() {
        if (pollerProvider != null) {
            return pollerProvider;
        }
        return pollerSpec == null ? Pollers.provider() : Pollers.provider(pollerSpec);
    }
}
