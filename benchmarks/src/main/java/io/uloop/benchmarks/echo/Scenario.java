package io.uloop.benchmarks.echo;

import java.util.Locale;

/**
 * A load.
 *
 * @param name as on the command line
 * @param connections how many have one message, or one train of them, under way each
 * @param bytes the length of a message
 * @param idle how many more connections are open and silent
 * @param train how many datagrams are sent by one call; 1 for messages one by one
 */
record Scenario(String name, Transport transport, int connections, int bytes, int idle, int train) {
    boolean hasTrains() {
        return train > 1;
    }

    String title() {
        String each = hasTrains() ? "trains of " + train + " x " : "";
        String more = idle == 0 ? "" : String.format(Locale.ROOT, ", %,d idle besides", idle);
        return transport + " echo, " + connections + " connections x " + each + bytes + " B" + more;
    }
}
