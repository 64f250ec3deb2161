package io.uloop.group;

import io.uloop.Uloop;
import io.uloop.UloopBuilder;
import io.uloop.internal.LoopAccess;
import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Configures and opens a {@link UloopGroup}. Not thread-safe.
 *
 * @since 0.1
 */
public final class UloopGroupBuilder {
    private static final AtomicInteger COUNT = new AtomicInteger();

    int size = Runtime.getRuntime().availableProcessors();
    String name = "uloop-group-" + COUNT.incrementAndGet();
    LoopFailureHandler failureHandler = (group, index, failure) -> {};
    LoopStartHandler startHandler = (index, loop) -> {};
    int replacements;
    int[] processors = {};
    private @Nullable ThreadFactory threadFactory;
    private boolean daemon;
    private Consumer<UloopBuilder> settings = builder -> {};

    UloopGroupBuilder() {}

    /** Copies the settings, which the group needs later to replace loops. */
    private UloopGroupBuilder(UloopGroupBuilder other) {
        size = other.size;
        name = other.name;
        failureHandler = other.failureHandler;
        startHandler = other.startHandler;
        replacements = other.replacements;
        processors = other.processors;
        threadFactory = other.threadFactory;
        daemon = other.daemon;
        settings = other.settings;
    }

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
     * Sets a handler that is called on each loop's thread before the loop runs. It can prepare the
     * loop, or register what a replaced loop had.
     *
     * @param handler called for each loop, also for replacements
     * @return this
     */
    public UloopGroupBuilder startHandler(LoopStartHandler handler) {
        startHandler = Objects.requireNonNull(handler, "handler");
        return this;
    }

    /**
     * Replaces loops that fail, by new loops at the same index on new threads. Listeners of a
     * {@link GroupListener} with {@link Spread#SHARED_PORT} are opened again on them. Connections,
     * timers and everything else that the failed loop had are lost. If more loops fail within a
     * minute than the limit allows, the fault is likely to be permanent, and they are not replaced.
     * Off by default, because state that handlers share may be inconsistent after a failure.
     *
     * @param limit the most replacements within a minute, 0 or more; 0 turns them off
     * @return this
     * @throws IllegalArgumentException if it is negative
     */
    public UloopGroupBuilder replaceFailed(int limit) {
        if (limit < 0) {
            throw new IllegalArgumentException(
                    "a limit of replacements must be 0 or more, not " + limit);
        }
        replacements = limit;
        return this;
    }

    /**
     * Sets a factory of the loops' threads. The default creates threads with the names of the
     * loops. {@link #daemon} does not apply to the threads of a factory.
     *
     * @param factory creates a thread for each loop, also for replacements, which the group starts
     * @return this
     */
    public UloopGroupBuilder threadFactory(ThreadFactory factory) {
        threadFactory = Objects.requireNonNull(factory, "factory");
        return this;
    }

    /**
     * Sets whether the threads are daemon threads, so that they do not keep the JVM running. The
     * default is false.
     *
     * @param daemon whether the JVM exits although the loops run
     * @return this
     */
    public UloopGroupBuilder daemon(boolean daemon) {
        this.daemon = daemon;
        return this;
    }

    /**
     * Binds the thread of each loop to one processor by sched_setaffinity(2): that of loop {@code
     * i} to {@code processors[i % processors.length]}. This keeps caches warm on machines that run
     * little else. Threads that callbacks start inherit it. Requires a native backend on Linux.
     *
     * @param processors numbers of processors, as in {@code /proc/cpuinfo}; none for no binding
     * @return this
     * @throws IllegalArgumentException if a number is negative
     */
    public UloopGroupBuilder processors(int... processors) {
        for (int processor : processors) {
            if (processor < 0) {
                throw new IllegalArgumentException("there is no processor " + processor);
            }
        }
        this.processors = processors.clone();
        return this;
    }

    /**
     * Opens the loops and starts them.
     *
     * @return a new group for each call
     * @throws io.uloop.poller.PollerUnavailableException if the selected backend is unknown or not
     *     usable
     * @throws UnsupportedOperationException if {@link #processors} are set and the backend is
     *     select or the system is not Linux
     * @throws IllegalStateException if the thread factory returns no thread
     * @throws IOException EMFILE, ENFILE or ENOMEM if the kernel cannot create all pollers; EINVAL
     *     if a processor does not exist or is not available to this process; no loop is left open
     */
    public UloopGroup build() throws IOException {
        UloopGroup group = new UloopGroup(new UloopGroupBuilder(this));
        group.start();
        return group;
    }

    /** Creates the thread of a loop. */
    Thread thread(String loopName, Runnable body) {
        if (threadFactory == null) {
            Thread thread = new Thread(body, loopName);
            thread.setDaemon(daemon);
            return thread;
        }
        Thread thread = threadFactory.newThread(body);
        if (thread == null) {
            throw new IllegalStateException(
                    threadFactory + " returned no thread for the loop " + loopName);
        }
        return thread;
    }

    Uloop build(String loopName) throws IOException {
        UloopBuilder builder = Uloop.builder().name(loopName);
        settings.accept(builder);
        Uloop loop = builder.build();
        LoopAccess.of(loop).buffers().shareDefault(size);
        return loop;
    }
}
