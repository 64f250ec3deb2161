package io.uloop.benchmarks.echo;

import java.util.Locale;

/**
 * A load.
 *
 * @param name as on the command line
 * @param connections how many have one message under way each
 * @param bytes the length of a message
 * @param idle how many more connections are open and silent
 */
record Scenario(String name, Transport transport, int connections, int bytes, int idle) {
    String title() {
        String more = idle == 0 ? "" : String.format(Locale.ROOT, ", %,d idle besides", idle);
        return transport + " echo, " + connections + " connections x " + bytes + " B" + more;
    }
}
