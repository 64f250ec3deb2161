package io.uloop.benchmarks.echo;

import java.util.Locale;

/**
 * A load to generate.
 *
 * @param name the name on the command line
 * @param connections the number of connections that are active at a time
 * @param bytes the length of a message or stream
 * @param idle the number of additional idle connections
 * @param segments the number of datagrams sent by one call; 1 without segmentation
 * @param rate the messages per second of all connections together; 0 for a closed loop, in which
 *     each connection has one message or segmented send in flight
 */
record Scenario(
        String name,
        Transport transport,
        Traffic traffic,
        int connections,
        int bytes,
        int idle,
        int segments,
        int rate) {

    /** Creates a scenario of messages in a closed loop. */
    static Scenario messages(String name, Transport transport, int connections, int bytes) {
        return new Scenario(name, transport, Traffic.MESSAGES, connections, bytes, 0, 1, 0);
    }

    /** Creates a scenario of other traffic over TCP. */
    static Scenario of(Traffic traffic, int connections, int bytes) {
        String name = traffic.name().toLowerCase(Locale.ROOT);
        return new Scenario(name, Transport.TCP, traffic, connections, bytes, 0, 1, 0);
    }

    Scenario withIdle(int count) {
        return new Scenario(name, transport, traffic, connections, bytes, count, segments, rate);
    }

    Scenario withSegments(int count) {
        return new Scenario(name, transport, traffic, connections, bytes, idle, count, rate);
    }

    Scenario withRate(int perSecond) {
        return new Scenario(
                name, transport, traffic, connections, bytes, idle, segments, perSecond);
    }

    boolean isSegmented() {
        return segments > 1;
    }

    String title() {
        String each = isSegmented() ? segments + " segments x " : "";
        String more = idle == 0 ? "" : String.format(Locale.ROOT, " and %,d idle ones", idle);
        String pace = rate == 0 ? "" : String.format(Locale.ROOT, ", %,d messages/s", rate);
        String kind =
                switch (traffic) {
                    case MESSAGES -> " echo, ";
                    case CHURN -> " churn, ";
                    case STREAMS -> " streams, ";
                };
        return transport
                + kind
                + connections
                + (connections == 1 ? " connection x " : " connections x ")
                + each
                + (bytes % (1 << 20) == 0 ? (bytes >> 20) + " MiB" : bytes + " B")
                + more
                + pace;
    }
}
