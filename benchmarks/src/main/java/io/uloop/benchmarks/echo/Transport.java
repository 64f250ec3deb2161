package io.uloop.benchmarks.echo;

/** The protocol that carries the messages. */
enum Transport {
    TCP,
    UDP
}
