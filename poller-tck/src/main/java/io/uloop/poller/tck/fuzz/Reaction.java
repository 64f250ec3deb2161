package io.uloop.poller.tck.fuzz;

/**
 * A step to be taken inside the sink of a poll.
 *
 * @param event at which event of the poll, from 1
 * @param step what to do
 */
record Reaction(int event, Step step) {
    @Override
    public String toString() {
        return event + ": " + step;
    }
}
