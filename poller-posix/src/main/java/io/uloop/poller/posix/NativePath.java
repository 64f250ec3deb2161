package io.uloop.poller.posix;

import io.uloop.poller.spi.PathBytes;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** Paths as C functions take them. */
final class NativePath {
    private NativePath() {}

    /**
     * A path that ends with a NUL, off the heap. It is fresh: calls with a path are rare.
     *
     * @param path any; the empty one is the working directory, as everywhere in Java
     */
    static ByteBuffer terminated(Path path) {
        byte[] bytes = PathBytes.of(path.toString().isEmpty() ? path.resolve(".") : path);
        return ByteBuffer.allocateDirect(bytes.length + 1).put(0, bytes);
    }
}
