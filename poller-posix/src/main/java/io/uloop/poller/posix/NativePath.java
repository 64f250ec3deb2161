package io.uloop.poller.posix;

import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.ProviderMismatchException;

/** Paths as the kernel has them: bytes in the JVM's encoding of file names. */
final class NativePath {
    private static final Charset ENCODING =
            Charset.forName(
                    System.getProperty("sun.jnu.encoding", Charset.defaultCharset().name()));

    private NativePath() {}

    static byte[] bytes(Path path) {
        if (path.getFileSystem() != FileSystems.getDefault()) {
            throw new ProviderMismatchException("not a path of the default file system: " + path);
        }
        return path.toString().getBytes(ENCODING);
    }

    /**
     * The path that has these bytes.
     *
     * @throws java.nio.file.InvalidPathException if none has
     */
    static Path of(byte[] bytes) {
        return Path.of(new String(bytes, ENCODING));
    }

    /**
     * A path that ends with a NUL, off the heap. It is fresh: calls with a path are rare.
     *
     * @param path any; the empty one is the working directory, as everywhere in Java
     */
    static ByteBuffer terminated(Path path) {
        byte[] bytes = bytes(path.toString().isEmpty() ? path.resolve(".") : path);
        return ByteBuffer.allocateDirect(bytes.length + 1).put(0, bytes);
    }
}
