package io.uloop;

import io.uloop.poller.ClosedPollerException;
import io.uloop.poller.PollerException;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Waits for the end of one process. A child of this JVM is reaped by the JVM, on a thread that each
 * child has anyway, so that thread tells, and knows the status. Of any other process a descriptor
 * tells where there are such; elsewhere the JVM looks from time to time.
 */
final class ExitWatch implements Registration, Runnable, Callbacks.Wrapper {
    private static final int NONE = -1;

    private final Uloop loop;
    private final Object process;
    private final Object handler;
    private final Call call;
    private final AtomicBoolean over = new AtomicBoolean();
    private final AtomicInteger pidfd = new AtomicInteger(NONE);

    /** The JVM keeps what follows a process until its end, which may be long after the watch's. */
    private final AtomicReference<@Nullable ExitWatch> link = new AtomicReference<>(this);

    /** What is done at the end. */
    @FunctionalInterface
    private interface Call {
        void run() throws Exception;
    }

    private ExitWatch(Uloop loop, Object process, Object handler, Call call) {
        this.loop = loop;
        this.process = process;
        this.handler = handler;
        this.call = call;
    }

    static Registration open(Uloop loop, Process process, ExitHandler handler) {
        ExitWatch watch =
                new ExitWatch(
                        loop, process, handler, () -> handler.exited(process, process.exitValue()));
        CompletableFuture<Process> exit = process.onExit();
        watch.join();
        follow(exit, watch.link);
        return watch;
    }

    static Registration open(Uloop loop, ProcessHandle process, Runnable handler)
            throws IOException {
        ExitWatch watch = new ExitWatch(loop, "process " + process, handler, handler::run);
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

    private void start(ProcessHandle handle) throws IOException {
        try {
            pidfd.set(loop.descriptors().pidfd(handle.pid()));
        } catch (UnsupportedOperationException e) {
            follow(handle.onExit(), link);
            return;
        } catch (PollerException e) {
            switch (e.errno()) {
                // Before Linux 5.3; in a sandbox that refuses calls it does not know.
                case "ENOSYS", "EPERM" -> follow(handle.onExit(), link);
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

    private static void follow(
            CompletableFuture<?> exit, AtomicReference<@Nullable ExitWatch> link) {
        var unused =
                exit.thenRun(
                        () -> {
                            ExitWatch watch = link.get();
                            if (watch != null) {
                                watch.queue();
                            }
                        });
    }

    @Override
    public Object wrapped() {
        return handler;
    }

    /** Any thread. */
    private void queue() {
        try {
            loop.execute(this);
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
        try {
            loop.execute(this::release); // only there may a descriptor leave the loop
        } catch (RejectedExecutionException e) {
            release();
        }
    }

    /** On the loop's thread, or with the loop closed. */
    private void release() {
        if (loop.disown(this)) {
            loop.await(-1);
        }
        link.set(null);
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
