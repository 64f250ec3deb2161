package io.uloop.test;

import io.uloop.ErrorHandler;
import io.uloop.FailedCallback;
import io.uloop.Uloop;
import java.util.ArrayList;
import java.util.List;

/** Keeps the exceptions thrown by callbacks. Thread-safe. */
final class CallbackFailures implements ErrorHandler {
    private record Failure(FailedCallback callback, Exception error) {}

    private final List<Failure> failures = new ArrayList<>();

    @Override
    public synchronized void onError(Uloop loop, FailedCallback callback, Exception error) {
        failures.add(new Failure(callback, error));
    }

    synchronized List<Exception> take() {
        List<Exception> taken = failures.stream().map(Failure::error).toList();
        failures.clear();
        return taken;
    }

    /** Throws the exceptions so far as one failure of the test. */
    synchronized void check() {
        if (failures.isEmpty()) {
            return;
        }
        Failure first = failures.get(0);
        AssertionError failure =
                new AssertionError(first.callback + " threw " + first.error, first.error);
        take().stream().skip(1).forEach(failure::addSuppressed);
        throw failure;
    }
}
