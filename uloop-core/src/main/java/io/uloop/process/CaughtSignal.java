package io.uloop.process;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A signal for which loops have handlers, and the JVM's reaction that they replace. The JVM calls
 * the handler on a separate thread, which only queues tasks.
 */
final class CaughtSignal {
    /**
     * Keyed by number, because a signal may have two names. Its lock guards changes to all
     * instances.
     */
    private static final Map<Integer, CaughtSignal> CAUGHT = new HashMap<>();

    private final Object signal;
    private final Object handler = JvmSignals.required().handler(this::raised);
    private final Object former;
    private volatile List<SignalCalls> registrations;

    private CaughtSignal(Object signal, SignalCalls first) {
        this.signal = signal;
        registrations = List.of(first); // before a signal can arrive
        former = JvmSignals.required().handle(signal, handler);
    }

    /** Adds a handler. The first handler of a signal takes it over from the JVM. */
    static void add(SignalCalls registration) {
        Object signal = JvmSignals.required().signal(registration.name());
        int number = JvmSignals.required().number(signal);
        synchronized (CAUGHT) {
            CaughtSignal caught = CAUGHT.get(number);
            if (caught == null) {
                CAUGHT.put(number, new CaughtSignal(signal, registration));
            } else {
                List<SignalCalls> more = new ArrayList<>(caught.registrations);
                more.add(registration);
                caught.registrations = List.copyOf(more);
            }
        }
    }

    /** Removes a handler. Removing the last handler of a signal restores the JVM's reaction. */
    static void remove(SignalCalls registration) {
        Object signal = JvmSignals.required().signal(registration.name());
        int number = JvmSignals.required().number(signal);
        synchronized (CAUGHT) {
            CaughtSignal caught = CAUGHT.get(number);
            if (caught == null || !caught.registrations.contains(registration)) {
                return;
            }
            List<SignalCalls> fewer = new ArrayList<>(caught.registrations);
            fewer.remove(registration);
            caught.registrations = List.copyOf(fewer);
            if (fewer.isEmpty()) {
                CAUGHT.remove(number);
                caught.restore();
            }
        }
    }

    /** Restores the JVM's reaction, unless other code has replaced this handler since. */
    private void restore() {
        Object current = JvmSignals.required().handle(signal, former);
        if (current != handler) {
            JvmSignals.required().handle(signal, current);
        }
    }

    private void raised() {
        for (SignalCalls registration : registrations) {
            registration.raised();
        }
    }
}
