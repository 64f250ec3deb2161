package io.uloop.process;

import io.uloop.EventHandler;
import io.uloop.Handle;
import io.uloop.LoopTask;
import io.uloop.RefHandle;
import io.uloop.Uloop;
import io.uloop.descriptor.OpenedDescriptor;
import io.uloop.descriptor.OwnedDescriptor;
import io.uloop.internal.LoopAccess;
import io.uloop.observe.Callbacks;
import io.uloop.poller.ClosedPollerException;
import io.uloop.poller.Errno;
import io.uloop.poller.NativeDescriptors;
import io.uloop.poller.PollerException;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The call of a handler at the exit of one process. A process descriptor reports the exit if the
 * system has them, otherwise the {@link ExitPoller}. The JVM reaps its children, so the status of a
 * child is available a moment after its exit.
 */
final class ExitCall implements RefHandle, EventHandler, LoopTask, Callbacks.Wrapper {
    private final Uloop loop;
    private final Object process;
    private final BooleanSupplier alive;
    private final Object handler;
    private final LoopTask call;
    private final Hold hold;
    private final Runnable atClose = this::close;
    private final AtomicBoolean over = new AtomicBoolean();
    private final AtomicReference<@Nullable OwnedDescriptor> pidfd = new AtomicReference<>();
    private final AtomicReference<@Nullable Handle> polling = new AtomicReference<>();

    private ExitCall(
            Uloop loop, Object process, BooleanSupplier alive, Object handler, LoopTask call) {
        this.loop = loop;
        this.process = process;
        this.alive = alive;
        this.handler = handler;
        this.call = call;
        hold = new Hold(loop, true);
    }

    static RefHandle open(Uloop loop, Process process, ExitHandler handler) {
        ExitCall exit =
                new ExitCall(
                        loop,
                        process,
                        process::isAlive,
                        handler,
                        () -> handler.exited(process, process.exitValue()));
        exit.join();
        if (loop.inLoop()) {
            exit.startChild(process);
        } else {
            exit.inLoop(() -> exit.startChild(process));
        }
        return exit;
    }

    static RefHandle open(Uloop loop, ProcessHandle process, LoopTask handler) throws IOException {
        ExitCall exit =
                new ExitCall(loop, "process " + process, process::isAlive, handler, handler);
        exit.join();
        try {
            exit.start(process);
        } catch (IOException | RuntimeException e) {
            exit.close();
            throw e;
        }
        return exit;
    }

    private void join() {
        LoopAccess.of(loop).addAtClose(atClose);
    }

    /**
     * Registers a descriptor of the child. If that fails for any reason, the exit poller takes
     * over.
     */
    private void startChild(Process child) {
        if (over.get()) {
            return;
        }
        try {
            ProcessHandle handle = child.toHandle();
            OwnedDescriptor opened = openDescriptor(handle);
            if (handle.isAlive()) { // otherwise the pid may have been reused
                opened.register(loop, UEvent.IN, (fd, events) -> childEnded());
                return;
            }
        } catch (IOException | UnsupportedOperationException | ClosedPollerException e) {
            // Process subclasses may have no handle. For the errors see start.
        }
        childEnded();
    }

    /**
     * Handles a child that has exited or has no descriptor. Its status is available once it is
     * reaped.
     */
    private void childEnded() {
        closeDescriptor();
        if (alive.getAsBoolean()) {
            poll();
        } else {
            queue();
        }
    }

    private void start(ProcessHandle handle) throws IOException {
        OwnedDescriptor opened;
        try {
            opened = openDescriptor(handle);
        } catch (UnsupportedOperationException e) {
            poll();
            return;
        } catch (PollerException e) {
            if (e.errno() == Errno.ESRCH) {
                queue();
            } else if (e.errno() == Errno.ENOSYS || e.errno() == Errno.EPERM) {
                poll(); // Linux before 5.3, or a sandbox that denies unknown system calls
            } else {
                throw e;
            }
            return;
        }
        if (handle.isAlive()) {
            opened.register(loop, UEvent.IN, this);
        } else {
            queue(); // the pid may have been reused; only the handle detects that
        }
    }

    private OwnedDescriptor openDescriptor(ProcessHandle handle) throws IOException {
        int fd = NativeDescriptors.of(loop.provider()).pidfd(handle.pid());
        OwnedDescriptor opened = OpenedDescriptor.of(this, Exits.class, loop, fd, null);
        opened.setUnref(true); // the hold keeps an idle run waiting, with and without a descriptor
        pidfd.set(opened);
        return opened;
    }

    private void poll() {
        polling.set(ExitPoller.follow(alive, this::queue));
        if (over.get()) {
            stopPolling(); // closed concurrently by another thread
        }
    }

    private void stopPolling() {
        Handle current = polling.getAndSet(null);
        if (current != null) {
            current.close();
        }
    }

    @Override
    public Object wrapped() {
        return handler;
    }

    @Override
    public String kind() {
        return "exit handler";
    }

    @Override
    public String detail() {
        return " at the end of " + process;
    }

    /** Called when the descriptor reports the exit. */
    @Override
    public void processEvent(int fd, int events) throws Exception {
        run();
    }

    private void queue() {
        inLoop(this);
    }

    /** Runs a task on the loop's thread. Thread-safe. */
    private void inLoop(LoopTask task) {
        try {
            loop.post(task);
        } catch (RejectedExecutionException e) {
            release(); // the loop is closed, perhaps since before the descriptor was opened
        }
    }

    @Override
    public void run() throws Exception {
        if (!over.compareAndSet(false, true)) {
            return;
        }
        try {
            release();
        } finally {
            call.run(); // the process has exited even if closing the descriptor failed
        }
    }

    @Override
    public RefHandle unref() {
        hold.set(false);
        return this;
    }

    @Override
    public RefHandle ref() {
        hold.set(true);
        return this;
    }

    @Override
    public boolean hasRef() {
        return hold.isSet();
    }

    @Override
    public void close() {
        over.set(true);
        if (loop.inLoop() || !loop.isOpen()) {
            release();
            return;
        }
        inLoop(this::release); // only that thread may deregister the descriptor
    }

    /** Runs on the loop's thread, or on any thread once the loop is closed. */
    private void release() {
        LoopAccess.of(loop).removeAtClose(atClose);
        hold.end();
        stopPolling();
        closeDescriptor();
    }

    private void closeDescriptor() {
        OwnedDescriptor opened = pidfd.getAndSet(null);
        if (opened == null) {
            return;
        }
        try {
            opened.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e); // other code has closed the descriptor: a bug
        }
    }
}
