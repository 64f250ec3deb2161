package io.uloop.poller.tck;

/** The outcome of a case on a backend, from best to worst. */
enum Outcome {
    SKIPPED,
    PASSED,
    FAILED
}
