package io.uloop.test;

import io.uloop.ErrorHandler;
import io.uloop.Uloop;
import java.util.ArrayList;
import java.util.List;

/** Keeps the exceptions thrown by callbacks. Thread-safe. */
final class CallbackFailures implements ErrorHandler {
    private final List<Exception> thrown = new ArrayList<>();

    @Override
    public synchronized void onError(Uloop loop, Object source, Exception error) {
        thrown.add(error);
    }

    synchronized List<Exception> take() {
        List<Exception> taken = List.copyOf(thrown);
        thrown.clear();
        return taken;
    }

    /** Throws the exceptions so far as one failure of the test. */
    void check() {
        List<Exception> taken = take();
        if (taken.isEmpty()) {
            return;
        }
        Exception first = taken.get(0);
        AssertionError failure =
                new AssertionError("a callback of the loop failed: " + first, first);
        taken.stream().skip(1).forEach(failure::addSuppressed);
        throw failure;
    }
}
