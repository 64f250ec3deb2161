package io.uloop;

import io.uloop.observe.LimitedLog;
import io.uloop.poller.ClosedPollerException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What becomes of the exceptions of one loop's callbacks: logged, counted, reported. */
final class Failures {
    private static final int MAX_KINDS = 100;

    private final Uloop loop;
    private final String name;
    private final ErrorHandler handler;
    private final @Nullable CallWatch calls;
    private final Map<Kind, LimitedLog> logs = new HashMap<>();
    private long count;

    /** Failures that share their lines in the log. */
    private record Kind(String callback, Class<?> source, Class<?> error) {}

    Failures(Uloop loop, String name, ErrorHandler handler, @Nullable CallWatch calls) {
        this.loop = loop;
        this.name = name;
        this.handler = handler;
        this.calls = calls;
    }

    /** How many there were. */
    long count() {
        return count;
    }

    /** Runs a callback; an exception of it stops nobody else. */
    void guard(String kind, Runnable callback) {
        if (calls != null) {
            calls.begin(kind, callback);
        }
        try {
            callback.run();
        } catch (Exception e) {
            report(kind, "", callback, e);
        } finally {
            if (calls != null) {
                calls.end();
            }
        }
    }

    void report(String kind, String detail, Object source, Exception error) {
        if (!loop.isOpen() && isOfClosedLoop(error)) {
            Log.debug(name + ": " + kind + " " + describe(source) + " met the loop's end", error);
            return;
        }
        count++;
        keepInterrupt(error);
        log(kind, source, error)
                .log(() -> name + ": " + kind + " " + describe(source) + " failed" + detail, error);
        try {
            handler.onError(loop, source, error);
        } catch (Exception e) {
            Log.error(name + ": the error handler failed", e);
        }
    }

    /** A callback cannot keep another thread from closing its loop. */
    private static boolean isOfClosedLoop(Exception error) {
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
            if (cause instanceof ClosedLoopException || cause instanceof ClosedPollerException) {
                return true;
            }
        }
        return false;
    }

    /** Different failures do not hide one another; what a peer can repeat does not fill the log. */
    private LimitedLog log(String callback, Object source, Exception error) {
        Kind kind =
                logs.size() < MAX_KINDS
                        ? new Kind(callback, source.getClass(), error.getClass())
                        : new Kind("", Object.class, Exception.class);
        return logs.computeIfAbsent(
                kind, key -> new LimitedLog(Log.LOGGER, System.Logger.Level.ERROR, 10, true));
    }

    /** An interrupt that a callback has taken is for the caller of run, who owns the thread. */
    static void keepInterrupt(Exception error) {
        if (error instanceof InterruptedException) {
            Thread.currentThread().interrupt();
        }
    }

    /** A user's toString that throws must not stop the loop either. */
    static String describe(Object source) {
        try {
            return source.toString();
        } catch (RuntimeException e) {
            return source.getClass().getName() + " (" + e + " from its toString)";
        }
    }
}
