package io.uloop.group;

import io.uloop.Uloop;
import io.uloop.UloopBuilder;
import io.uloop.internal.LoopAccess;
import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** Configures and opens a {@link UloopGroup}. Not thread-safe. */
public final class UloopGroupBuilder {
    private static final AtomicInteger COUNT = new AtomicInteger();

    int size = Runtime.getRuntime().availableProcessors();
    String name = "uloop-group-" + COUNT.incrementAndGet();
    LoopFailureHandler failureHandler = (group, index, failure) -> {};
    private Consumer<UloopBuilder> settings = builder -> {};

    UloopGroupBuilder() {}

    /**
     * Sets the number of loops. The default is one per processor.
     *
     * @param size 1 or more
     * @return this
     * @throws IllegalArgumentException if it is less than 1
     */
    public UloopGroupBuilder size(int size) {
        if (size < 1) {
            throw new IllegalArgumentException("a group must have 1 loop or more, not " + size);
        }
        this.size = size;
        return this;
    }

    /**
     * Sets the group's name in logs and messages. The name of each loop and its thread is the
     * group's name and the index of the loop, {@code "name-0"}. The default contains a number.
     *
     * @param name any text
     * @return this
     */
    public UloopGroupBuilder name(String name) {
        this.name = Objects.requireNonNull(name, "name");
        return this;
    }

    /**
     * Sets a function that configures each loop, for example its backend and error handler.
     *
     * @param settings called for every loop with its builder, which already has the loop's name
     * @return this
     */
    public UloopGroupBuilder eachLoop(Consumer<UloopBuilder> settings) {
        this.settings = Objects.requireNonNull(settings, "settings");
        return this;
    }

    /**
     * Sets a handler for failures of loops. By default they are only logged.
     *
     * @param handler called after each failure is logged
     * @return this
     */
    public UloopGroupBuilder failureHandler(LoopFailureHandler handler) {
        failureHandler = Objects.requireNonNull(handler, "handler");
        return this;
    }

    /**
     * Opens the loops and starts them.
     *
     * @return a new group for each call
     * @throws io.uloop.poller.PollerUnavailableException if the selected backend is unknown or not
     *     usable
     * @throws IOException EMFILE, ENFILE or ENOMEM if the kernel cannot create all pollers; no loop
     *     is left open
     */
    public UloopGroup build() throws IOException {
        UloopGroup group = new UloopGroup(this);
        group.start();
        return group;
    }

    Uloop build(String loopName) throws IOException {
        UloopBuilder builder = Uloop.builder().name(loopName);
        settings.accept(builder);
        Uloop loop = builder.build();
        LoopAccess.of(loop).buffers().shareDefault(size);
        return loop;
    }
}
