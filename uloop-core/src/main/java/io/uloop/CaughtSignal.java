package io.uloop;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One signal of the process that loops have handlers for, and what the JVM did on it before. The
 * JVM calls on a thread of its own, which only queues.
 */
final class CaughtSignal {
    /** By number, as a signal may have two names. Guards the changes of all of them. */
    private static final Map<Integer, CaughtSignal> CAUGHT = new HashMap<>();

    private final Object signal;
    private final Object handler = JvmSignals.required().handler(this::raised);
    private final Object former;
    private volatile List<SignalRegistration> registrations;

    private CaughtSignal(Object signal, SignalRegistration first) {
        this.signal = signal;
        registrations = List.of(first); // before the signal may come
        former = JvmSignals.required().handle(signal, handler);
    }

    /** Adds a handler; the first one of a signal takes it from the JVM. */
    static void add(SignalRegistration registration) {
        Object signal = JvmSignals.required().signal(registration.name());
        int number = JvmSignals.required().number(signal);
        synchronized (CAUGHT) {
            CaughtSignal caught = CAUGHT.get(number);
            if (caught == null) {
                CAUGHT.put(number, new CaughtSignal(signal, registration));
            } else {
                List<SignalRegistration> more = new ArrayList<>(caught.registrations);
                more.add(registration);
                caught.registrations = List.copyOf(more);
            }
        }
    }

    /** Removes a handler; the last one of a signal gives it back. */
    static void remove(SignalRegistration registration) {
        Object signal = JvmSignals.required().signal(registration.name());
        int number = JvmSignals.required().number(signal);
        synchronized (CAUGHT) {
            CaughtSignal caught = CAUGHT.get(number);
            if (caught == null || !caught.registrations.contains(registration)) {
                return;
            }
            List<SignalRegistration> fewer = new ArrayList<>(caught.registrations);
            fewer.remove(registration);
            caught.registrations = List.copyOf(fewer);
            if (fewer.isEmpty()) {
                CAUGHT.remove(number);
                caught.restore();
            }
        }
    }

    /** Somebody else may have taken the signal since; then it stays theirs. */
    private void restore() {
        Object current = JvmSignals.required().handle(signal, former);
        if (current != handler) {
            JvmSignals.required().handle(signal, current);
        }
    }

    private void raised() {
        for (SignalRegistration registration : registrations) {
            registration.raised();
        }
    }
}
