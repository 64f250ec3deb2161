package io.uloop;

import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** Describes a {@link UloopGroup}. Not for several threads at once. */
public final class UloopGroupBuilder {
    private static final AtomicInteger COUNT = new AtomicInteger();

    int size = Runtime.getRuntime().availableProcessors();
    String name = "uloop-group-" + COUNT.incrementAndGet();
    LoopFailureHandler failureHandler = (group, index, failure) -> {};
    private Consumer<UloopBuilder> settings = builder -> {};

    UloopGroupBuilder() {}

    /**
     * Sets how many loops there are; by default one per processor.
     *
     * @param size 1 or more
     * @return this
     * @throws IllegalArgumentException if it is less
     */
    public UloopGroupBuilder size(int size) {
        if (size < 1) {
            throw new IllegalArgumentException("a group has 1 or more loops, not " + size);
        }
        this.size = size;
        return this;
    }

    /**
     * Names the group in logs and messages; its loops and their threads have its name with their
     * index, {@code "name-0"}. By default it gets a number.
     *
     * @param name any text
     * @return this
     */
    public UloopGroupBuilder name(String name) {
        this.name = Objects.requireNonNull(name, "name");
        return this;
    }

    /**
     * Sets how each loop is built, its backend and error handler for example.
     *
     * @param settings called with the builder of every loop in turn, whose name is set already
     * @return this
     */
    public UloopGroupBuilder eachLoop(Consumer<UloopBuilder> settings) {
        this.settings = Objects.requireNonNull(settings, "settings");
        return this;
    }

    /**
     * Sets who is told when a loop fails; by default it is only logged.
     *
     * @param handler called after that
     * @return this
     */
    public UloopGroupBuilder failureHandler(LoopFailureHandler handler) {
        failureHandler = Objects.requireNonNull(handler, "handler");
        return this;
    }

    /**
     * Opens the loops and starts them.
     *
     * @return a new group each time
     * @throws io.uloop.poller.PollerUnavailableException if the backend asked for is unknown or not
     *     usable
     * @throws IOException EMFILE, ENFILE, ENOMEM if there is no room for so many; none is left open
     */
    public UloopGroup build() throws IOException {
        UloopGroup group = new UloopGroup(this);
        group.start();
        return group;
    }

    Uloop build(String loopName) throws IOException {
        UloopBuilder builder = Uloop.builder().name(loopName);
        builder.bufferParts = size;
        settings.accept(builder);
        return builder.build();
    }
}
