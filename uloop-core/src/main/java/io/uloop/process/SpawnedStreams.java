package io.uloop.process;

import io.uloop.poller.NativeDescriptors;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.OpenOption;
import java.util.Map;
import java.util.TreeMap;

/** The descriptors of a child that is spawned, by their number in the child. */
final class SpawnedStreams {
    private final ChildStreams streams;
    private final NativeDescriptors io;
    private final Map<Integer, Integer> descriptors;

    /**
     * Starts with descriptors of this process.
     *
     * @param streams closes in this process what this opens
     */
    SpawnedStreams(ChildStreams streams, NativeDescriptors io, Map<Integer, Integer> given) {
        this.streams = streams;
        this.io = io;
        descriptors = new TreeMap<>(given);
    }

    Map<Integer, Integer> descriptors() {
        return descriptors;
    }

    /** Opens a file. */
    void open(int target, ChildFile file) throws IOException {
        int fd = io.open(file.path(), file.options().toArray(OpenOption[]::new));
        streams.addChildEnd(fd);
        put(target, fd);
    }

    /** Opens the standard streams that the child does not have yet, as its builder says. */
    void openStandardStreams(ProcessBuilder builder) throws IOException {
        if (needsPipe(0, builder.redirectInput())) {
            put(0, streams.openInput());
        }
        if (needsPipe(1, builder.redirectOutput())) {
            put(1, streams.openOutput());
        }
        if (builder.redirectErrorStream()) {
            descriptors.putIfAbsent(2, descriptors.getOrDefault(1, 1));
        } else if (needsPipe(2, builder.redirectError())) {
            put(2, streams.openErrors());
        }
    }

    /** Opens the file of a redirection. Returns whether the stream needs a pipe. */
    private boolean needsPipe(int target, Redirect redirect) throws IOException {
        if (descriptors.containsKey(target)) {
            return false;
        }
        if (redirect.file() != null) { // otherwise inherited, or a pipe
            open(target, ChildFile.of(redirect));
        }
        return redirect.equals(Redirect.PIPE);
    }

    /** Programs expect streams that block. The loop's end of a pipe has its own mode. */
    private void put(int target, int fd) throws IOException {
        io.setBlocking(fd, true);
        descriptors.put(target, fd);
    }
}
