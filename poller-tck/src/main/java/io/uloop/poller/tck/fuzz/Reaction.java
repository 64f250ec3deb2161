package io.uloop.poller.tck.fuzz;

/**
 * A step taken in the sink of a poll.
 *
 * @param event the number of the event in the poll, from 1
 * @param step the step to take
 */
record Reaction(int event, Step step) {
    @Override
    public String toString() {
        return event + ": " + step;
    }
}
