package io.uloop;

import java.util.Arrays;
import java.util.Objects;

/** The callbacks for one point of the turn, in the order in which they were added. */
final class Hooks {
    private Entry[] entries = {};

    /**
     * One addition of a hook. The same hook may be added several times, so it is not its own
     * identity.
     */
    private static final class Entry {
        final Runnable hook;
        boolean removed;

        Entry(Runnable hook) {
            this.hook = hook;
        }
    }

    /** Runs the hooks that were present at the start, except those removed meanwhile. */
    int run(Failures failures) {
        Entry[] current = entries;
        int count = 0;
        for (Entry entry : current) {
            if (!entry.removed) {
                failures.guard("hook", entry.hook);
                count++;
            }
        }
        return count;
    }

    void add(Runnable hook) {
        Entry[] more = Arrays.copyOf(entries, entries.length + 1);
        more[entries.length] = new Entry(Objects.requireNonNull(hook, "hook"));
        entries = more;
    }

    /** Removes the earliest equal hook. Returns false if there is none. */
    boolean remove(Runnable hook) {
        for (int i = 0; i < entries.length; i++) {
            if (entries[i].hook.equals(hook)) {
                entries[i].removed = true;
                Entry[] fewer = Arrays.copyOf(entries, entries.length - 1);
                System.arraycopy(entries, i + 1, fewer, i, fewer.length - i);
                entries = fewer;
                return true;
            }
        }
        return false;
    }
}
