package io.uloop.poller.posix.file;

import io.uloop.poller.PathBytes;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** Converts paths for C functions. */
final class NativePath {
    private NativePath() {}

    /**
     * Returns a path with a terminating NUL, in a new off-heap buffer. Calls that take a path are
     * rare enough to allocate.
     *
     * @param path any path; an empty one is the working directory, as everywhere in Java
     */
    static ByteBuffer terminated(Path path) {
        byte[] bytes = PathBytes.of(path.toString().isEmpty() ? path.resolve(".") : path);
        return ByteBuffer.allocateDirect(bytes.length + 1).put(0, bytes);
    }
}
