package io.uloop.source;

import io.uloop.Uloop;
import io.uloop.poller.DescriptorKind;
import io.uloop.poller.Errno;
import io.uloop.poller.NativeDescriptors;
import io.uloop.poller.PollerException;
import io.uloop.stream.Source;
import java.io.IOException;
import java.nio.file.OpenOption;
import java.nio.file.Path;

/** Opens either end of a FIFO. */
final class Fifo {
    private Fifo() {}

    static int open(Uloop loop, Path path, OpenOption end) throws IOException {
        String instead = "use a native backend or a socket";
        return Source.open(loop, "FIFO", instead, io -> open(io, path, end));
    }

    private static int open(NativeDescriptors io, Path path, OpenOption end) throws IOException {
        int fd = io.open(path, end);
        try {
            requireFifo(io.kind(fd), path);
            return fd;
        } catch (IOException | RuntimeException e) {
            io.close(fd);
            throw e;
        }
    }

    /**
     * Rejects other files: they can be read and written, but never report the end of the other
     * side.
     */
    private static void requireFifo(DescriptorKind kind, Path path) throws PollerException {
        if (kind.type() != DescriptorKind.Type.PIPE) {
            throw new PollerException(
                    "open",
                    path.toString(),
                    -1,
                    Errno.EINVAL,
                    "not a FIFO; create one with mkfifo");
        }
    }
}
