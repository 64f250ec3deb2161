package io.uloop.poller.tck;

/** How a case ended on a backend; the worst is the last. */
enum Outcome {
    SKIPPED,
    PASSED,
    FAILED
}
