package io.uloop.poller.tck.fuzz;

/** What a run has done so far. */
final class Tally {
    long operations;
    long polls;
    long events;
}
