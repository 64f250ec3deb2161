package io.uloop.fiber;

import io.uloop.Uloop;
import io.uloop.internal.LoopAccess;
import io.uloop.internal.Refusable;
import io.uloop.internal.Resumable;
import io.uloop.internal.VirtualThreads;
import io.uloop.observe.Callbacks;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** Creates virtual threads that the thread of one loop executes. Thread-safe. */
final class LoopCarrier extends Carrier {
    /** How many calls a fiber makes before the loop polls. A call takes a few microseconds. */
    private static final int CALLS_IN_A_ROW = 64;

    /**
     * How often a fiber continues on the loop's thread once the loop is closed. Enough for finally
     * blocks. A fiber that ignores its interrupt must not hold up the close.
     */
    private static final int LAST_CONTINUATIONS = 128;

    private final Uloop loop;
    private final LoopAccess inside;
    private final LockWatch watch;

    /**
     * Executes the fibers that become able to continue after their loop has ended, one after the
     * other, so that their finally blocks run. Its thread exists only while it is needed.
     */
    private final Executor afterTheEnd =
            new ThreadPoolExecutor(
                    0, 1, 1, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), LoopCarrier::daemon);

    private volatile boolean ended;

    LoopCarrier(Uloop loop) {
        super(FiberMode.LOOP);
        requireSupport(VirtualThreadFactory.whyNotScheduled());
        this.loop = loop;
        inside = LoopAccess.of(loop);
        inside.requirePlatformThread();
        watch = new LockWatch(loop);
    }

    private static Thread daemon(Runnable task) {
        Thread thread = new Thread(null, task, "uloop-ended-fibers", 0, false);
        thread.setDaemon(true);
        return thread;
    }

    @Override
    Thread thread(String name, Runnable task) {
        return new Mount(this, name, task).thread;
    }

    @Override
    @Nullable Runnable running() {
        return inside.resumed() instanceof Mount mount && mount.thread == Thread.currentThread()
                ? mount.task
                : null;
    }

    /** A peer whose data never lets its fiber wait must not hold up the loop. */
    @Override
    @SuppressWarnings("ThreadPriorityCheck") // suspends the fiber, and does nothing if it is pinned
    int giveWay(int calls) {
        if (loop.inLoop() // a guest returns
                && inside.resumed() instanceof Mount mount
                && mount.thread == Thread.currentThread()
                && ++mount.calls > CALLS_IN_A_ROW) {
            mount.givesWay = true;
            Thread.yield();
            mount.givesWay = false;
        }
        return 0; // counts the calls of a fiber on all its channels
    }

    /** Runs the fibers that can continue. Those that can later run on another thread. */
    @Override
    void loopEnded() {
        if (VirtualThreads.isVirtual(Thread.currentThread())) { // cannot execute another one
            ended = true;
            afterTheEnd.execute(inside::runReady);
        } else {
            inside.runReady();
            ended = true;
        }
    }

    /** Queues a fiber that can continue. */
    private void ready(Mount mount) {
        boolean inLoop = loop.inLoop();
        boolean awaitsLock =
                LockWatch.isInLock(mount.thread) || (!inLoop && LockWatch.isUnblocker());
        mount.ready = true;
        if (!ended && inLoop && mount.isForThisTurn(loop.isOpen())) {
            mount.list(this);
        } else if (!inside.offer(mount)) {
            mount.continueAfterTheEnd();
            return;
        }
        if (awaitsLock) {
            watch.add(mount);
        }
    }

    /**
     * The scheduler of one virtual thread. The JDK passes the thread's continuation, always the
     * same one, whenever the thread can continue.
     *
     * <p>Virtual threads that the fiber's code creates inherit the scheduler. Among them may be
     * threads that the JDK creates once for all its sockets, so they must not depend on this loop
     * or keep it reachable: they run on the scheduler of the JDK.
     */
    static final class Mount extends Resumable
            implements Executor, Runnable, Refusable, Callbacks.OnThread, Callbacks.Wrapper {
        private static final VarHandle READY;

        static {
            try {
                READY = MethodHandles.lookup().findVarHandle(Mount.class, "ready", boolean.class);
            } catch (ReflectiveOperationException e) {
                throw new ExceptionInInitializerError(e);
            }
        }

        private final Thread thread;
        private @Nullable LoopCarrier carrier;
        private @Nullable Runnable task;
        private @Nullable Runnable continuation;

        /** The fiber can continue, and no thread has claimed it. */
        private volatile boolean ready;

        /** Whether the loop's queue has the fiber. Used on the loop's thread only. */
        private boolean listed;

        private final AtomicBoolean watched = new AtomicBoolean();
        private int continuations;

        /** The system calls since the fiber last waited. */
        private int calls;

        /** The fiber continues in the next turn, behind the poll. */
        private boolean givesWay;

        private short lastContinuations;

        Mount(LoopCarrier carrier, String name, Runnable task) {
            this.carrier = carrier;
            this.task = task;
            thread = VirtualThreadFactory.newThread(this, name, this::runTask);
        }

        /** Returns whether the fiber continues on the loop's thread without a poll before. */
        private boolean isForThisTurn(boolean open) {
            return open ? !givesWay : ++lastContinuations <= LAST_CONTINUATIONS;
        }

        private void runTask() {
            try {
                Objects.requireNonNull(task).run();
            } finally { // its children may live on
                task = null;
                carrier = null;
                continuation = null;
            }
        }

        @Override
        public void execute(Runnable ready) {
            LoopCarrier own = carrier;
            if (own != null && continuation == null) {
                continuation = ready; // the thread starts; its children come later
            }
            if (own != null && continuation == ready) {
                own.ready(this);
            } else {
                VirtualThreadFactory.schedulerOfJdk().execute(ready);
            }
        }

        /** Runs as a task of the loop, if another thread has made the fiber able to continue. */
        @Override
        public void run() {
            LoopCarrier own = carrier;
            if (own != null && ready) { // not since continued or ended on another thread
                list(own);
            }
        }

        private void list(LoopCarrier own) {
            if (!listed) {
                listed = true;
                own.inside.ready(this);
            }
        }

        @Override
        public void refuse(RejectedExecutionException reason) {
            continueAfterTheEnd();
        }

        private void continueAfterTheEnd() {
            LoopCarrier own = carrier;
            if (own != null && ready) { // not since continued or ended on another thread
                own.afterTheEnd.execute(this::continueElsewhere);
            }
        }

        /** Continues the fiber on a thread that is not the loop's, unless it has been claimed. */
        void continueElsewhere() {
            if (take()) {
                resume();
            }
        }

        @Override
        public boolean claim() {
            listed = false;
            return take();
        }

        private boolean take() {
            return READY.compareAndSet(this, true, false);
        }

        boolean isReady() {
            return ready;
        }

        /**
         * Returns a number that differs each time the fiber can continue. Ask {@link #isReady}
         * first.
         */
        int continuations() {
            return continuations;
        }

        /** Marks the fiber as watched. Returns whether it was not. */
        boolean watch() {
            return watched.compareAndSet(false, true);
        }

        void unwatch() {
            watched.set(false);
        }

        @Override
        public void resume() {
            continuations++;
            calls = 0;
            Objects.requireNonNull(continuation).run();
        }

        @Override
        public Thread thread() {
            return thread;
        }

        @Override
        public void pin() {
            VirtualThreadFactory.pin(thread);
        }

        @Override
        public void unpin() {
            VirtualThreadFactory.unpin(thread);
        }

        @Override
        public @Nullable Object wrapped() {
            return task;
        }

        @Override
        public String kind() {
            return "fiber";
        }
    }
}
