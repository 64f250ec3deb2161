package io.uloop;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The timers of one loop, earliest first, in order of scheduling among equals: a 4-ary heap in
 * which each timer knows its place, so that cancelling costs O(log n) and needs no search. Four
 * children share a cache line and halve the depth.
 *
 * <p>Deadlines are compared by difference, as {@link System#nanoTime} demands; so no two may be
 * more than 2^63 - 1 ns apart.
 */
final class TimerHeap {
    private static final int ARITY = 4;

    private @Nullable Timer[] timers = new Timer[16];
    private int size;
    private long nextSequence;

    int size() {
        return size;
    }

    @Nullable Timer peek() {
        return timers[0];
    }

    /**
     * The first timer if it is due, and if it was scheduled before the given sequence number: one
     * that a callback of this turn has scheduled is for the next.
     */
    @Nullable Timer due(long now, long sequenceEnd) {
        Timer first = timers[0];
        return first != null && first.deadline - now <= 0 && first.sequence < sequenceEnd
                ? first
                : null;
    }

    /** What the next timer to be scheduled gets; those scheduled before have less. */
    long nextSequence() {
        return nextSequence;
    }

    /** Puts a timer in, or moves it if it is in already; behind those of the same deadline. */
    void schedule(Timer timer, long deadline) {
        timer.deadline = deadline;
        timer.sequence = nextSequence++;
        if (timer.index < 0) {
            if (size == timers.length) {
                timers = Arrays.copyOf(timers, size * 2);
            }
            place(timer, size++);
        }
        sift(timer);
    }

    /** Takes a timer out; false if it is not in. */
    boolean remove(Timer timer) {
        int hole = timer.index;
        if (hole < 0) {
            return false;
        }
        timer.index = -1;
        Timer last = at(--size);
        timers[size] = null;
        if (last != timer) {
            place(last, hole);
            sift(last);
        }
        return true;
    }

    /** Finds a repeated timer of a task; any of them if there are several. */
    @Nullable Timer findRepeated(Runnable task) {
        for (int i = 0; i < size; i++) {
            Timer timer = at(i);
            if (timer.repetition != Timer.Repetition.NONE && timer.task.equals(task)) {
                return timer;
            }
        }
        return null;
    }

    /**
     * Follows a clock that was set back: a timer of a rate is due at its next multiple on the new
     * time, but not before its first; all others keep their deadline.
     */
    void followBackwards(long now) {
        for (Timer timer : Arrays.copyOf(timers, size)) {
            if (timer != null && timer.repetition == Timer.Repetition.RATE) {
                long following = timer.following(now);
                if (following < timer.deadline) {
                    schedule(timer, following);
                }
            }
        }
    }

    private void sift(Timer timer) {
        if (!siftUp(timer)) {
            siftDown(timer);
        }
    }

    private boolean siftUp(Timer timer) {
        int start = timer.index;
        int hole = start;
        while (hole > 0) {
            Timer parent = at((hole - 1) / ARITY);
            if (!isBefore(timer, parent)) {
                break;
            }
            int place = parent.index;
            place(parent, hole);
            hole = place;
        }
        place(timer, hole);
        return hole != start;
    }

    private void siftDown(Timer timer) {
        int hole = timer.index;
        for (; ; ) {
            int first = hole * ARITY + 1;
            if (first >= size) {
                break;
            }
            Timer least = at(first);
            int end = Math.min(first + ARITY, size);
            for (int i = first + 1; i < end; i++) {
                if (isBefore(at(i), least)) {
                    least = at(i);
                }
            }
            if (!isBefore(least, timer)) {
                break;
            }
            int place = least.index;
            place(least, hole);
            hole = place;
        }
        place(timer, hole);
    }

    private static boolean isBefore(Timer one, Timer other) {
        long difference = one.deadline - other.deadline;
        return difference != 0 ? difference < 0 : one.sequence < other.sequence;
    }

    private void place(Timer timer, int index) {
        timers[index] = timer;
        timer.index = index;
    }

    @SuppressWarnings("NullAway") // every place below the size is taken
    private Timer at(int index) {
        return timers[index];
    }
}
