package io.uloop.poller.tck.fuzz;

import io.uloop.poller.UEvent;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The actions of one backend in a script, for comparison with another backend: outcomes of calls,
 * and events by poll. A trace ends at the first step in a sink. The order of a batch depends on the
 * backend, so the states may differ from there on.
 */
final class Trace {
    private static final int[] BITS = {
        UEvent.IN, UEvent.PRI, UEvent.OUT, UEvent.ERR, UEvent.HUP, UEvent.NVAL, UEvent.RDHUP
    };

    private record Entry(String outcome, Map<Integer, Integer> eventsByName) {}

    private final List<Entry> entries = new ArrayList<>();
    private boolean ended;

    void outcome(String outcome) {
        if (!ended) {
            entries.add(new Entry(outcome, Map.of()));
        }
    }

    void poll(Map<Integer, Integer> eventsByName) {
        if (!ended) {
            entries.add(new Entry("poll", new HashMap<>(eventsByName)));
        }
    }

    void end() {
        ended = true;
    }

    /** Counts the differences allowed by the contract, by kind. */
    static void compare(Trace one, Trace other, Map<String, Long> differences) {
        int common = Math.min(one.entries.size(), other.entries.size());
        for (int i = 0; i < common; i++) {
            Entry left = one.entries.get(i);
            Entry right = other.entries.get(i);
            if (!left.outcome().equals(right.outcome())) {
                String pair = new TreeSet<>(List.of(left.outcome(), right.outcome())).toString();
                differences.merge(pair, 1L, Long::sum);
                return;
            }
            Map<Integer, Integer> union = new TreeMap<>(left.eventsByName());
            union.putAll(right.eventsByName());
            for (int name : union.keySet()) {
                int bits =
                        left.eventsByName().getOrDefault(name, 0)
                                ^ right.eventsByName().getOrDefault(name, 0);
                for (int bit : BITS) {
                    if ((bits & bit) != 0) {
                        differences.merge(UEvent.toString(bit), 1L, Long::sum);
                    }
                }
            }
        }
    }
}
