package io.uloop.benchmarks.echo;

/** What carries the messages. */
enum Transport {
    TCP,
    UDP
}
