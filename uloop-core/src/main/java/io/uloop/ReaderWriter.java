package io.uloop;

import io.uloop.poller.UEvent;
import org.jspecify.annotations.Nullable;

/**
 * The two procs of one descriptor. NVAL is passed to both, because a closed number keeps neither.
 * Every other event except output is also reported as IN or OUT (R3 of the contract).
 */
final class ReaderWriter implements EventHandler, Callbacks.Wrapper {
    private static final int BOTH = UEvent.IN | UEvent.OUT;

    private final Failures failures;
    private @Nullable Proc<?> reader;
    private @Nullable Proc<?> writer;
    private boolean barrier;
    private boolean gone;

    ReaderWriter(Failures failures) {
        this.failures = failures;
    }

    /** A proc with its data. */
    record Proc<T>(FileProc<? super T> proc, T data) {
        void call(int fd, int events) throws Exception {
            proc.call(fd, data, events);
        }
    }

    /** {@return the proc for one of IN and OUT} */
    @Nullable Proc<?> proc(int direction) {
        return direction == UEvent.IN ? reader : writer;
    }

    void setProc(int direction, @Nullable Proc<?> proc) {
        if (direction == UEvent.IN) {
            reader = proc;
        } else {
            writer = proc;
        }
    }

    /** {@return the reader's proc, otherwise the writer's} */
    @Override
    public @Nullable Object wrapped() {
        Proc<?> in = reader;
        Proc<?> any = in == null ? writer : in;
        return any == null ? null : any.proc();
    }

    int interestWith(int direction) {
        return direction | interestWithout(direction);
    }

    int interestWithout(int direction) {
        return proc(direction ^ BOTH) == null ? UEvent.NONE : direction ^ BOTH;
    }

    void setBarrier(boolean on) {
        barrier = on;
    }

    /** Ends the registration. The rest of the current event is not delivered. */
    void end() {
        gone = true;
    }

    /**
     * Looks up each proc right before its call, because the first proc may have changed the second.
     */
    @Override
    public void processEvent(int fd, int events) {
        int first = barrier ? UEvent.OUT : UEvent.IN;
        call(first, fd, events);
        call(first ^ BOTH, fd, events);
    }

    private void call(int direction, int fd, int events) {
        Proc<?> proc = proc(direction);
        if (proc == null || gone || (events & (direction | UEvent.NVAL)) == 0) {
            return;
        }
        try {
            proc.call(fd, events);
        } catch (Exception e) {
            String kind = direction == UEvent.IN ? "reader" : "writer";
            String where = " on fd=" + fd + " with " + UEvent.toString(events);
            failures.report(kind, where, proc.proc(), e);
        }
    }
}
