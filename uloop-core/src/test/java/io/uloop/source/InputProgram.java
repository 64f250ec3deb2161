package io.uloop.source;

import io.uloop.Uloop;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Prints its standard input until the end. Arguments: the backend and an option. */
final class InputProgram {
    /** Strongly referenced, so that the logger keeps its level. */
    private static final Logger LOGGER = Logger.getLogger("io.uloop");

    private InputProgram() {}

    public static void main(String[] arguments) throws IOException {
        LOGGER.setLevel(Level.WARNING);
        try (Uloop loop =
                        Uloop.builder()
                                .poller(arguments[0])
                                .alwaysReadyFiles(Boolean.parseBoolean(arguments[1]))
                                .build();
                StandardInput stdin =
                        StandardInput.open(
                                loop,
                                new InputHandler() {
                                    @Override
                                    public void received(ByteBuffer bytes) {
                                        print(StandardCharsets.US_ASCII.decode(bytes).toString());
                                    }

                                    @Override
                                    public void ended() {
                                        print("<end>");
                                        loop.stop();
                                    }
                                })) {
            print("<" + stdin.toString().replaceAll("\\[.*", "") + ">");
            loop.run();
        } catch (IOException e) {
            print("<" + e.getMessage() + ">");
        }
    }

    private static void print(String text) {
        System.out.print(text);
        System.out.flush();
    }
}
