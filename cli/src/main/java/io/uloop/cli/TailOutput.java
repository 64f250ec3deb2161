package io.uloop.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.Charset;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Prints the bytes of files unchanged, with headers if there are several files. */
final class TailOutput {
    @SuppressWarnings("resource") // standard output, which stays open
    private final FileChannel out = new FileOutputStream(FileDescriptor.out).getChannel();

    private final PrintWriter err;
    private final boolean headers;
    private @Nullable Path current;

    TailOutput(Command command, boolean headers) {
        this.err = command.err();
        this.headers = headers;
    }

    /** Prints the remaining bytes of a buffer. */
    void print(Path file, ByteBuffer bytes) throws IOException {
        if (headers && !file.equals(current)) {
            String header = (current == null ? "" : "\n") + "==> " + file + " <==\n";
            current = file;
            write(ByteBuffer.wrap(header.getBytes(Charset.defaultCharset())));
        }
        write(bytes);
    }

    /** Reports a change of a file on standard error. */
    void say(Path file, String what) {
        err.println("uloop tail: " + file + " " + what);
    }

    private void write(ByteBuffer bytes) throws IOException {
        try {
            while (bytes.hasRemaining()) {
                out.write(bytes);
            }
        } catch (IOException e) {
            throw new IOException("cannot write to standard output: " + e.getMessage(), e);
        }
    }
}
