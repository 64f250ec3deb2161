package io.uloop.process;

import io.uloop.poller.NativeDescriptors;
import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.TreeMap;

/** The standard streams of a child that is spawned, as its builder redirects them. */
final class SpawnedStreams {
    private final ChildStreams streams;
    private final NativeDescriptors io;
    private final Map<Integer, Integer> descriptors = new TreeMap<>();

    SpawnedStreams(ChildStreams streams, NativeDescriptors io) {
        this.streams = streams;
        this.io = io;
    }

    /** Opens the streams. Returns the child's ends by their number in the child. */
    Map<Integer, Integer> open(ProcessBuilder builder) throws IOException {
        Redirect input = builder.redirectInput();
        if (input.equals(Redirect.PIPE)) {
            descriptors.put(0, blocking(streams.openInput()));
        } else {
            redirect(0, input);
        }
        Redirect output = builder.redirectOutput();
        if (output.equals(Redirect.PIPE)) {
            descriptors.put(1, blocking(streams.openOutput()));
        } else {
            redirect(1, output);
        }
        Redirect errors = builder.redirectError();
        if (builder.redirectErrorStream()) {
            descriptors.put(2, descriptors.getOrDefault(1, 1));
        } else if (errors.equals(Redirect.PIPE)) {
            descriptors.put(2, blocking(streams.openErrors()));
        } else {
            redirect(2, errors);
        }
        return descriptors;
    }

    private void redirect(int target, Redirect redirect) throws IOException {
        File file = redirect.file();
        if (file != null) { // otherwise inherited
            int fd = io.open(Path.of(file.getPath()), options(redirect));
            streams.addChildEnd(fd);
            descriptors.put(target, blocking(fd));
        }
    }

    private static OpenOption[] options(Redirect redirect) {
        return switch (redirect.type()) {
            case READ -> new OpenOption[] {StandardOpenOption.READ};
            case APPEND ->
                    new OpenOption[] {
                        StandardOpenOption.WRITE,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.APPEND
                    };
            default ->
                    new OpenOption[] {
                        StandardOpenOption.WRITE,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING
                    };
        };
    }

    /** Programs expect streams that block. The loop's end of a pipe has its own mode. */
    private int blocking(int fd) throws IOException {
        io.setBlocking(fd, true);
        return fd;
    }
}
