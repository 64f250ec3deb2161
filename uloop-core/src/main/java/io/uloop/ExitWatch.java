package io.uloop;

import io.uloop.poller.ClosedPollerException;
import io.uloop.poller.PollerException;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Waits for the end of one process, by a descriptor of it where there are such, else by the {@link
 * ExitPoller}. A child of this JVM is reaped by the JVM, so its status is known a moment after its
 * end.
 */
final class ExitWatch implements Registration, Runnable, Callbacks.Wrapper {
    private static final int NONE = -1;

    private final Uloop loop;
    private final Object process;
    private final BooleanSupplier alive;
    private final Object handler;
    private final Call call;
    private final AtomicBoolean over = new AtomicBoolean();
    private final AtomicInteger pidfd = new AtomicInteger(NONE);
    private final AtomicReference<@Nullable Registration> polling = new AtomicReference<>();

    /** What is done at the end. */
    @FunctionalInterface
    private interface Call {
        void run() throws Exception;
    }

    private ExitWatch(
            Uloop loop, Object process, BooleanSupplier alive, Object handler, Call call) {
        this.loop = loop;
        this.process = process;
        this.alive = alive;
        this.handler = handler;
        this.call = call;
    }

    static Registration open(Uloop loop, Process process, ExitHandler handler) {
        ExitWatch watch =
                new ExitWatch(
                        loop,
                        process,
                        process::isAlive,
                        handler,
                        () -> handler.exited(process, process.exitValue()));
        watch.join();
        if (loop.inLoop()) {
            watch.startChild(process);
        } else {
            watch.inLoop(() -> watch.startChild(process));
        }
        return watch;
    }

    static Registration open(Uloop loop, ProcessHandle process, Runnable handler)
            throws IOException {
        ExitWatch watch =
                new ExitWatch(loop, "process " + process, process::isAlive, handler, handler::run);
        watch.join();
        try {
            watch.start(process);
        } catch (IOException | RuntimeException e) {
            watch.close();
            throw e;
        }
        return watch;
    }

    private void join() {
        loop.await(1);
        loop.own(this);
    }

    /** A descriptor is not vital: whatever keeps it from being had, the poller does as well. */
    private void startChild(Process child) {
        if (over.get()) {
            return;
        }
        try {
            ProcessHandle handle = child.toHandle();
            pidfd.set(loop.descriptors().pidfd(handle.pid()));
            if (handle.isAlive()) { // else the number may be another process's by now
                loop.add(pidfd.get(), UEvent.IN, (fd, events) -> childEnded());
                return;
            }
        } catch (IOException | UnsupportedOperationException | ClosedPollerException e) {
            // A Process of somebody's own has no handle; errors are those of start.
        }
        childEnded();
    }

    /** The child has ended or has no descriptor; its status is known once the JVM has reaped it. */
    private void childEnded() {
        closeDescriptor();
        if (alive.getAsBoolean()) {
            poll();
        } else {
            queue();
        }
    }

    private void start(ProcessHandle handle) throws IOException {
        try {
            pidfd.set(loop.descriptors().pidfd(handle.pid()));
        } catch (UnsupportedOperationException e) {
            poll();
            return;
        } catch (PollerException e) {
            switch (e.errno()) {
                // Before Linux 5.3; in a sandbox that refuses calls it does not know.
                case "ENOSYS", "EPERM" -> poll();
                case "ESRCH" -> queue();
                default -> throw e;
            }
            return;
        }
        if (handle.isAlive()) {
            loop.add(pidfd.get(), UEvent.IN, (fd, events) -> run());
        } else {
            queue(); // its number may be another one's by now, which the handle can tell
        }
    }

    private void poll() {
        polling.set(ExitPoller.follow(alive, this::queue));
        if (over.get()) {
            stopPolling(); // closed by another thread in between
        }
    }

    private void stopPolling() {
        Registration current = polling.getAndSet(null);
        if (current != null) {
            current.close();
        }
    }

    @Override
    public Object wrapped() {
        return handler;
    }

    private void queue() {
        inLoop(this);
    }

    /** Any thread. */
    private void inLoop(Runnable task) {
        try {
            loop.execute(task);
        } catch (RejectedExecutionException e) {
            release(); // closed meanwhile, perhaps before this had its descriptor
        }
    }

    @Override
    public void run() {
        if (!over.compareAndSet(false, true)) {
            return;
        }
        try {
            try {
                release();
            } finally {
                call.run(); // whatever became of the descriptor, the process has ended
            }
        } catch (Exception e) {
            loop.failures().report("exit handler", " at the end of " + process, handler, e);
        }
    }

    @Override
    public void close() {
        over.set(true);
        if (loop.inLoop() || !loop.isOpen()) {
            release();
            return;
        }
        inLoop(this::release); // only there may a descriptor leave the loop
    }

    /** On the loop's thread, or with the loop closed. */
    private void release() {
        if (loop.disown(this)) {
            loop.await(-1);
        }
        stopPolling();
        closeDescriptor();
    }

    private void closeDescriptor() {
        int fd = pidfd.getAndSet(NONE);
        if (fd == NONE) {
            return;
        }
        try {
            leave(fd);
            loop.descriptors().close(fd);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // its number is no longer ours: somebody's bug
        }
    }

    private void leave(int fd) throws IOException {
        if (!loop.isOpen()) {
            return;
        }
        try {
            loop.remove(fd);
        } catch (PollerException e) {
            if (!e.errno().equals("ENOENT")) { // it had not joined yet
                throw e;
            }
        } catch (ClosedPollerException e) {
            // Closed since the question: a closed loop watches nothing, there is nothing to leave.
        }
    }
}
