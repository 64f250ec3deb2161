package io.uloop.benchmarks.echo;

/** What clients do. */
enum Traffic {
    /** Each connection sends the next message when the echo of the last is complete. */
    MESSAGES("load"),
    /** Connections that end after one message. */
    CHURN("churn"),
    /** Each connection sends a large stream and reads its echo at the same time. */
    STREAMS("streams");

    /** The load generator in C. */
    final String program;

    Traffic(String program) {
        this.program = program;
    }
}
