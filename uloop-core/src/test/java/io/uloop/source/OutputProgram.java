package io.uloop.source;

import io.uloop.Uloop;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Writes as many numbered lines to its standard output as its second argument says, and reports on
 * its standard error. The first argument is the backend.
 */
final class OutputProgram {
    /** Strongly referenced, so that the logger keeps its level. */
    private static final Logger LOGGER = Logger.getLogger("io.uloop");

    private final Uloop loop;
    private final StandardOutput output;
    private final ByteBuffer bytes;
    private int waits;

    private OutputProgram(Uloop loop, StandardOutput output, ByteBuffer bytes) {
        this.loop = loop;
        this.output = output;
        this.bytes = bytes;
    }

    public static void main(String[] arguments) throws IOException {
        LOGGER.setLevel(Level.WARNING);
        try (Uloop loop =
                        Uloop.builder()
                                .poller(arguments[0])
                                .errorHandler(
                                        (where, callback, error) -> {
                                            System.err.println(error.getMessage());
                                            where.stop();
                                        })
                                .build();
                StandardOutput output = StandardOutput.open(loop)) {
            StringBuilder lines = new StringBuilder();
            for (int i = 0; i < Integer.parseInt(arguments[1]); i++) {
                lines.append(String.format("line %08d%n", i));
            }
            OutputProgram program =
                    new OutputProgram(
                            loop, output, StandardCharsets.US_ASCII.encode(lines.toString()));
            System.err.println("terminal " + output.isTerminal());
            loop.callEvery(Duration.ofMillis(20), () -> System.err.println("tick"));
            loop.callSoon(program::write);
            loop.run();
            System.err.println("waits " + program.waits);
        }
    }

    private void write() throws IOException {
        int moved;
        do {
            moved = output.write(bytes);
        } while (moved > 0);
        if (bytes.hasRemaining()) {
            waits++;
            output.awaitWritable(this::write);
        } else {
            output.awaitWritable(() -> waits = -1); // replaced
            output.awaitWritable(loop::stop);
        }
    }
}
