package io.uloop.poller.tck.fuzz;

/** Whether an operation would not block, as far as it can be known. */
enum Truth {
    NO,
    /** Depends on a kernel's thresholds, or on what is still on its way. */
    MAYBE,
    YES;

    static Truth of(boolean condition) {
        return condition ? YES : NO;
    }
}
