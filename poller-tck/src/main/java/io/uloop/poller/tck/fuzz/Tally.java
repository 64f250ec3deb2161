package io.uloop.poller.tck.fuzz;

/** Counts of a run so far. */
final class Tally {
    long operations;
    long polls;
    long events;
}
