package io.uloop.poller.tck.fuzz;

/** Whether an operation would not block, as far as the model knows. */
enum Truth {
    NO,
    /** Depends on thresholds of the kernel, or on effects that have not arrived yet. */
    MAYBE,
    YES;

    static Truth of(boolean condition) {
        return condition ? YES : NO;
    }
}
