package io.uloop.process;

import io.uloop.LoopTask;
import io.uloop.RefHandle;
import io.uloop.Uloop;
import io.uloop.internal.LoopAccess;
import io.uloop.observe.Callbacks;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;

/** The calls of one handler of a signal. */
final class SignalCalls implements RefHandle, LoopTask, Callbacks.Wrapper {
    private final Uloop loop;
    private final String name;
    private final SignalHandler handler;
    private final AtomicBoolean queued = new AtomicBoolean();
    private final Hold hold;
    private volatile boolean closed;
    private final Runnable atClose = this::close;

    private SignalCalls(Uloop loop, String name, SignalHandler handler) {
        this.loop = loop;
        this.name = name;
        this.handler = handler;
        hold = new Hold(loop, false);
    }

    static RefHandle open(Uloop loop, String name, SignalHandler handler) {
        String plain = SignalNames.checked(name);
        SignalCalls registration = new SignalCalls(loop, plain, handler);
        try {
            CaughtSignal.add(registration);
        } catch (IllegalArgumentException e) {
            throw SignalNames.refused(name, e);
        }
        LoopAccess.of(loop).addAtClose(registration.atClose);
        return registration;
    }

    String name() {
        return name;
    }

    @Override
    public Object wrapped() {
        return handler;
    }

    @Override
    public String kind() {
        return "signal handler";
    }

    @Override
    public String detail() {
        return " on SIG" + name;
    }

    /** Queues a call, unless one is queued already. Thread-safe. */
    void raised() {
        if (queued.compareAndSet(false, true)) {
            try {
                loop.post(this);
            } catch (RejectedExecutionException e) {
                // The loop was closed, and its handlers with it.
            }
        }
    }

    @Override
    public void run() throws Exception {
        queued.set(false); // before the call: a signal from now on causes another call
        if (closed) {
            return;
        }
        handler.onSignal(name);
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
        if (!closed) {
            closed = true;
            hold.end();
            LoopAccess.of(loop).removeAtClose(atClose);
            CaughtSignal.remove(this);
        }
    }

    @Override
    public String toString() {
        return "signal " + name + (closed ? " (closed)" : "") + " -> " + handler;
    }
}
