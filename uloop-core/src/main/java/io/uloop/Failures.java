package io.uloop;

import io.uloop.observe.Callbacks;
import io.uloop.observe.LimitedLog;
import io.uloop.observe.Log;
import io.uloop.observe.LoopObserver;
import io.uloop.poller.ClosedPollerException;
import io.uloop.poller.Descriptors;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/** Logs, counts and reports exceptions thrown by one loop's callbacks. */
final class Failures {
    private static final int MAX_KINDS = 100;

    private final Object loop;
    private final LoopState state;
    private final Receiver receiver;
    private final LoopObserver observer;
    private final Map<Kind, LimitedLog> logs = new HashMap<>();
    private long count;

    /** Failures that share a limited log. */
    private record Kind(String callback, Class<?> source, Class<?> error) {}

    /** Receives exceptions after they have been logged. */
    @FunctionalInterface
    interface Receiver {
        void onError(FailedCallback callback, Exception error) throws Exception;
    }

    /**
     * @param loop the source of failures of the wait
     */
    Failures(Object loop, LoopState state, Receiver receiver, LoopObserver observer) {
        this.loop = loop;
        this.state = state;
        this.receiver = receiver;
        this.observer = observer;
    }

    /** {@return how many failures were reported} */
    long count() {
        return count;
    }

    /** Runs a callback and reports its exception, so that other callbacks can run. */
    void guard(String kind, LoopTask callback) {
        observer.callBegins(kind, callback);
        try {
            callback.run();
        } catch (Exception e) {
            report(kind, callback, Descriptors.NONE, 0, e);
        } finally {
            observer.callEnds();
        }
    }

    /** Runs a task passed to {@link Uloop#execute}. */
    void guardExecuted(Runnable task) {
        observer.callBegins("task", task);
        try {
            task.run();
        } catch (Exception e) {
            report("task", task, Descriptors.NONE, 0, e);
        } finally {
            observer.callEnds();
        }
    }

    /** Reports a failure of the wait. */
    void reportWait(IOException error) {
        report("wait for events", loop, Descriptors.NONE, 0, error);
    }

    /**
     * Reports an exception.
     *
     * @param fd the descriptor whose events were handled, or {@link Descriptors#NONE}
     */
    void report(String kind, Object callback, int fd, int events, Exception error) {
        if (callback instanceof Callbacks.Wrapper wrapper) {
            Object wrapped = Callbacks.unwrap(wrapper);
            Object called = wrapped == null ? callback : wrapped;
            report(
                    new FailedCallback(wrapper.kind(), called, fd, events),
                    wrapper.detail(),
                    wrapper.failsElsewhere(),
                    error);
        } else {
            FailedCallback failed = new FailedCallback(kind, callback, fd, events);
            report(failed, failed.where(), false, error);
        }
    }

    private void report(FailedCallback failed, String detail, boolean elsewhere, Exception error) {
        String kind = failed.kind();
        Object source = failed.callback();
        if (!state.isOpen() && isOfClosedLoop(error)) {
            Log.debug(
                    state.name()
                            + ": "
                            + kind
                            + " "
                            + describe(source)
                            + " failed because its loop is closed",
                    error);
            return;
        }
        count++;
        if (!elsewhere) {
            keepInterrupt(error);
        }
        log(kind, source, error)
                .log(
                        () ->
                                state.name()
                                        + ": "
                                        + kind
                                        + " "
                                        + describe(source)
                                        + " failed"
                                        + detail,
                        error);
        try {
            receiver.onError(failed, error);
        } catch (Exception e) {
            Log.error(state.name() + ": the error handler failed", e);
        }
    }

    /**
     * Checks for a failure caused by closing the loop, which another thread may do during a
     * callback.
     */
    private static boolean isOfClosedLoop(Exception error) {
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
            if (cause instanceof ClosedLoopException || cause instanceof ClosedPollerException) {
                return true;
            }
        }
        return false;
    }

    /**
     * Selects a log by kind, so that repeated failures neither fill the log nor hide other kinds.
     */
    private LimitedLog log(String callback, Object source, Exception error) {
        Kind kind =
                logs.size() < MAX_KINDS
                        ? new Kind(callback, source.getClass(), error.getClass())
                        : new Kind("", Object.class, Exception.class);
        return logs.computeIfAbsent(
                kind, key -> new LimitedLog(Log.LOGGER, System.Logger.Level.ERROR, 10, true));
    }

    /**
     * Restores an interrupt that a callback consumed, because it is meant for the caller of run.
     */
    static void keepInterrupt(Exception error) {
        if (error instanceof InterruptedException) {
            Thread.currentThread().interrupt();
        }
    }

    /** Describes a callback, even if its toString throws. */
    static String describe(Object source) {
        try {
            return source.toString();
        } catch (RuntimeException e) {
            return source.getClass().getName() + " (" + e + " from its toString)";
        }
    }
}
