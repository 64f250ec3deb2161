package io.uloop;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The timers of one loop, earliest first and then in scheduling order. They form a 4-ary heap in
 * which each timer knows its index, so that cancelling costs O(log n) and needs no search. Four
 * children share a cache line and halve the depth.
 *
 * <p>Deadlines are compared by difference, as {@link System#nanoTime} requires, so no two may be
 * more than 2^63 - 1 ns apart.
 */
final class TimerHeap {
    private static final int ARITY = 4;

    private @Nullable Timer[] timers = new Timer[16];
    private int size;
    private int unrefs;
    private long nextSequence;

    int size() {
        return size;
    }

    /** {@return how many timers keep an idle run waiting} */
    int awaitedSize() {
        return size - unrefs;
    }

    void setUnref(Timer timer, boolean unref) {
        if (timer.unref != unref) {
            timer.unref = unref;
            if (timer.index >= 0) {
                unrefs += unref ? 1 : -1;
            }
        }
    }

    @Nullable Timer peek() {
        return timers[0];
    }

    boolean isDue(long now) {
        Timer first = timers[0];
        return first != null && first.deadline - now <= 0;
    }

    /**
     * Returns the first timer if it is due and was scheduled before the given sequence number.
     * Timers scheduled by callbacks of this turn run in the next turn.
     */
    @Nullable Timer due(long now, long sequenceEnd) {
        Timer first = timers[0];
        return first != null && first.deadline - now <= 0 && first.sequence < sequenceEnd
                ? first
                : null;
    }

    /** {@return the sequence number of the next timer to be scheduled} */
    long nextSequence() {
        return nextSequence;
    }

    /** Adds or moves a timer. It follows those with the same deadline. */
    void schedule(Timer timer, long deadline) {
        timer.deadline = deadline;
        timer.sequence = nextSequence++;
        int hole = timer.index;
        if (hole < 0) {
            if (size == timers.length) {
                timers = Arrays.copyOf(timers, size * 2);
            }
            hole = size++;
            unrefs += timer.unref ? 1 : 0;
        }
        sift(timer, hole);
    }

    /** Removes a timer. Returns false if it is not present. */
    boolean remove(Timer timer) {
        int hole = timer.index;
        if (hole < 0) {
            return false;
        }
        timer.index = -1;
        unrefs -= timer.unref ? 1 : 0;
        Timer last = at(--size);
        timers[size] = null;
        if (last != timer) {
            sift(last, hole);
        }
        return true;
    }

    /** {@return a copy of the timers, earliest first} */
    Timer[] sorted() {
        Timer[] sorted = new Timer[size];
        for (int i = 0; i < size; i++) {
            sorted[i] = at(i);
        }
        Arrays.sort(sorted, (one, other) -> isBefore(one, other) ? -1 : one == other ? 0 : 1);
        return sorted;
    }

    /** Finds a repeating timer by its task; any of them if there are several. */
    @Nullable Timer findRepeated(LoopTask task) {
        for (int i = 0; i < size; i++) {
            Timer timer = at(i);
            if (timer.repetition != Timer.Repetition.NONE && timer.task.equals(task)) {
                return timer;
            }
        }
        return null;
    }

    /**
     * Adjusts the timers to a clock that was set back. A fixed-rate timer is due at its next
     * multiple by the new time, but not before its first time. All others keep their deadline.
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

    /** Fills a hole, or the one to which it moves. Stores each timer at most once. */
    private void sift(Timer timer, int hole) {
        int above = raise(timer, hole);
        place(timer, above != hole ? above : lower(timer, hole));
    }

    /** Moves a hole towards the root until the timer fits in it. */
    private int raise(Timer timer, int start) {
        int hole = start;
        while (hole > 0) {
            int above = (hole - 1) / ARITY;
            Timer parent = at(above);
            if (!isBefore(timer, parent)) {
                break;
            }
            place(parent, hole);
            hole = above;
        }
        return hole;
    }

    /** Moves a hole towards the leaves until the timer fits in it. */
    private int lower(Timer timer, int start) {
        int hole = start;
        for (; ; ) {
            int first = hole * ARITY + 1;
            if (first >= size) {
                return hole;
            }
            int below = first;
            Timer least = at(first);
            int end = Math.min(first + ARITY, size);
            for (int i = first + 1; i < end; i++) {
                if (isBefore(at(i), least)) {
                    below = i;
                    least = at(i);
                }
            }
            if (!isBefore(least, timer)) {
                return hole;
            }
            place(least, hole);
            hole = below;
        }
    }

    private static boolean isBefore(Timer one, Timer other) {
        long difference = one.deadline - other.deadline;
        return difference != 0 ? difference < 0 : one.sequence < other.sequence;
    }

    private void place(Timer timer, int index) {
        timers[index] = timer;
        timer.index = index;
    }

    @SuppressWarnings("NullAway") // every index below the size is in use
    private Timer at(int index) {
        return timers[index];
    }
}
