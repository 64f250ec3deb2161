package io.uloop.poller.tck;

/** The outcome of a case on a backend. Of several outcomes, the later constant counts. */
enum Outcome {
    SKIPPED,
    PASSED,
    FAILED
}
