package io.uloop.examples;

import io.uloop.Uloop;
import io.uloop.process.ChildProcess;
import io.uloop.source.InputHandler;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Sorts lines with sort(1): writes to its input, reads its output and reports its exit status. */
final class Child {
    private Child() {}

    public static void main(String[] arguments) throws IOException {
        try (Uloop loop = Uloop.open();
                ChildProcess sort =
                        ChildProcess.start(
                                loop,
                                new ProcessBuilder("sort"),
                                new Lines("out: "),
                                new Lines("err: "),
                                (child, status) -> System.out.println("exit status " + status))) {
            sort.write(ByteBuffer.wrap("pear\napple\nfig\n".getBytes(StandardCharsets.UTF_8)));
            sort.closeInput();
            loop.runUntilIdle(); // returns after the exit and the end of both outputs
        }
    }

    /** Prints the lines of one output. */
    private static final class Lines implements InputHandler {
        private final String prefix;
        private final StringBuilder line = new StringBuilder();

        Lines(String prefix) {
            this.prefix = prefix;
        }

        @Override
        public void received(ByteBuffer bytes) {
            while (bytes.hasRemaining()) {
                char next = (char) bytes.get(); // assumes ASCII
                if (next == '\n') {
                    System.out.println(prefix + line);
                    line.setLength(0);
                } else {
                    line.append(next);
                }
            }
        }

        @Override
        public void ended() {
            if (!line.isEmpty()) {
                System.out.println(prefix + line);
            }
        }
    }
}
