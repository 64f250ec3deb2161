package io.uloop;

import java.util.Arrays;
import java.util.Objects;

/** Callbacks at one point of the turn, in the order in which they were added. */
final class Hooks {
    private Runnable[] hooks = {};

    /** Runs those that there were when it began and still are; tells how many. */
    int run(Failures failures) {
        Runnable[] current = hooks;
        int count = 0;
        for (Runnable hook : current) {
            if (hooks == current || place(hook) >= 0) {
                failures.guard("hook", hook);
                count++;
            }
        }
        return count;
    }

    void add(Runnable hook) {
        Runnable[] more = Arrays.copyOf(hooks, hooks.length + 1);
        more[hooks.length] = Objects.requireNonNull(hook, "hook");
        hooks = more;
    }

    /** Takes out the earliest that is equal; false if there is none. */
    boolean remove(Runnable hook) {
        int place = place(hook);
        if (place < 0) {
            return false;
        }
        Runnable[] fewer = Arrays.copyOf(hooks, hooks.length - 1);
        System.arraycopy(hooks, place + 1, fewer, place, fewer.length - place);
        hooks = fewer;
        return true;
    }

    private int place(Runnable hook) {
        return Arrays.asList(hooks).indexOf(hook);
    }
}
