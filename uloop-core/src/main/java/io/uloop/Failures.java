package io.uloop;

import io.uloop.poller.ClosedPollerException;
import org.jspecify.annotations.Nullable;

/** What becomes of the exceptions of one loop's callbacks: logged, counted, reported. */
final class Failures {
    private final Uloop loop;
    private final String name;
    private final ErrorHandler handler;
    private final @Nullable CallWatch calls;
    private long count;

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
        Log.error(name + ": " + kind + " " + describe(source) + " failed" + detail, error);
        try {
            handler.onError(loop, source, error);
        } catch (Exception e) {
            Log.error(name + ": the error handler failed", e);
        }
    }

    /** A callback cannot keep another thread from closing its loop. */
    private static boolean isOfClosedLoop(Exception error) {
        return error instanceof ClosedLoopException || error instanceof ClosedPollerException;
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
