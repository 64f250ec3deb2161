package io.uloop.benchmarks.echo;

import java.util.Locale;

/**
 * A load to generate.
 *
 * @param name the name on the command line
 * @param connections the number of connections, with one message or segmented send in flight each
 * @param bytes the length of a message
 * @param idle the number of additional idle connections
 * @param segments the number of datagrams sent by one call; 1 without segmentation
 */
record Scenario(
        String name, Transport transport, int connections, int bytes, int idle, int segments) {
    boolean isSegmented() {
        return segments > 1;
    }

    String title() {
        String each = isSegmented() ? segments + " segments x " : "";
        String more = idle == 0 ? "" : String.format(Locale.ROOT, " and %,d idle ones", idle);
        return transport + " echo, " + connections + " connections x " + each + bytes + " B" + more;
    }
}
