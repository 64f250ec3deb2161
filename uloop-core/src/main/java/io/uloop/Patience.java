package io.uloop;

/**
 * Decides whether a run polls once more without waiting after a turn that ran tasks. A thread that
 * spins until its task has run submits the next one during that poll, and a wakeup would cost both
 * sides far more. Other threads do not, so after a poll in vain the next ones are left out.
 *
 * <p>Not thread-safe: call from the loop's thread.
 */
final class Patience {
    /** How many turns with tasks are not followed by a poll after one in vain. */
    private static final int LEFT_OUT = 32;

    private int leftOut;

    /** The number of the turn since the last such poll was decided, or 0 once it has paid off. */
    private int turns;

    /**
     * Returns how long the next turn may wait, as a poll's timeout. Call this once after each turn.
     *
     * @param hasRunTasks whether the turn has run tasks
     */
    long timeout(boolean hasRunTasks) {
        if (hasRunTasks) {
            boolean polls = leftOut == 0;
            leftOut = polls ? 0 : leftOut - 1;
            turns = polls ? 1 : 0;
            return polls ? 0 : -1;
        }
        // The turn of the poll has run no task, and neither has the one after it, which runs those
        // that arrived during the poll.
        if (turns == 2) {
            leftOut = LEFT_OUT;
        }
        turns = turns == 1 ? 2 : 0;
        return -1;
    }
}
