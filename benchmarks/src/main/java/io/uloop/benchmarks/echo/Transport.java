package io.uloop.benchmarks.echo;

/** The protocol that carries the messages. */
enum Transport {
    TCP,
    UDP,
    TLS;

    /** Returns the C program that serves this protocol. */
    String program() {
        return this == UDP ? "udp_echo" : "tcp_echo";
    }
}
