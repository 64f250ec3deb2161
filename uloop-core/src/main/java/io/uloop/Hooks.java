package io.uloop;

import java.util.Arrays;
import java.util.Objects;

/** The callbacks for one point of the turn, in the order in which they were added. */
final class Hooks {
    private final LoopOwner owner;
    private final Failures failures;
    private Entry[] entries = {};

    /**
     * One addition of a hook. The same hook may be added several times, so it is not its own
     * identity.
     */
    private final class Entry implements Handle {
        final LoopTask hook;
        boolean removed;

        Entry(LoopTask hook) {
            this.hook = hook;
        }

        @Override
        public void close() {
            remove(this);
        }
    }

    Hooks(LoopOwner owner, Failures failures) {
        this.owner = owner;
        this.failures = failures;
    }

    /** Runs the hooks that were present at the start, except those removed meanwhile. */
    int run() {
        Entry[] current = entries;
        return current.length == 0 ? 0 : run(current);
    }

    private int run(Entry[] current) {
        int count = 0;
        for (Entry entry : current) {
            if (!entry.removed) {
                failures.guard("hook", entry.hook);
                count++;
            }
        }
        return count;
    }

    /** Adds a hook. It is removed when the result is closed. */
    Handle add(LoopTask hook) {
        Entry entry = new Entry(Objects.requireNonNull(hook, "hook"));
        boolean claimed = owner.claim();
        try {
            Entry[] more = Arrays.copyOf(entries, entries.length + 1);
            more[entries.length] = entry;
            entries = more;
        } finally {
            owner.release(claimed);
        }
        return entry;
    }

    private void remove(Entry entry) {
        boolean claimed = false;
        try {
            claimed = owner.claim();
            if (!entry.removed) {
                entry.removed = true;
                entries =
                        Arrays.stream(entries)
                                .filter(other -> other != entry)
                                .toArray(Entry[]::new);
            }
        } catch (ClosedLoopException e) {
            // Another thread ends the loop, which calls no hook any more.
        } finally {
            owner.release(claimed);
        }
    }
}
