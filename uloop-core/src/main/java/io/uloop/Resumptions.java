package io.uloop;

import io.uloop.internal.Resumable;
import io.uloop.observe.LoopObserver;
import org.jspecify.annotations.Nullable;

/**
 * The code that can continue on the thread of one loop: its fibers. Not thread-safe: call from the
 * loop's thread.
 */
final class Resumptions {
    private final LoopOwner owner;
    private final LoopObserver observer;
    private @Nullable Resumable first;
    private @Nullable Resumable last;
    private @Nullable Resumable current;

    Resumptions(LoopOwner owner, LoopObserver observer) {
        this.owner = owner;
        this.observer = observer;
    }

    boolean isEmpty() {
        return first == null;
    }

    /** {@return the code that is running} */
    @Nullable Resumable current() {
        return current;
    }

    void add(Resumable resumable) {
        if (last == null) {
            first = resumable;
        } else {
            last.setNext(resumable);
        }
        last = resumable;
    }

    /**
     * Runs what can continue, including what becomes able to meanwhile.
     *
     * @param bound the most that it runs
     */
    void run(int bound) {
        for (int i = 0; i < bound && first != null; i++) {
            run(take(first));
        }
    }

    private Resumable take(Resumable taken) {
        first = taken.next();
        if (first == null) {
            last = null;
        }
        taken.setNext(null);
        return taken;
    }

    private void run(Resumable resumable) {
        if (!resumable.claim()) {
            return;
        }
        current = resumable;
        owner.mount(resumable);
        observer.callBegins("fiber", resumable);
        try {
            resumable.resume();
        } finally {
            observer.callEnds();
            owner.mount(null);
            current = null;
        }
    }
}
