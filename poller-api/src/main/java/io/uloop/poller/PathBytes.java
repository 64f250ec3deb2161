package io.uloop.poller;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.ProviderMismatchException;
import java.util.Arrays;

/**
 * Converts between paths and the bytes that a Unix kernel uses. A path contains these bytes, but
 * {@link Path#toString} decodes them with the encoding of the JVM's locale and loses those that it
 * cannot decode. A {@code file} URI preserves every byte. Thread-safe.
 *
 * @since 0.1
 */
public final class PathBytes {
    private static final String SCHEME = "file";
    private static final String UNRESERVED = "/-._~";

    private PathBytes() {}

    /**
     * Returns the bytes of a path.
     *
     * @param path a path of the default file system
     * @return the bytes, without a trailing NUL; empty for the empty path
     * @throws ProviderMismatchException if the path belongs to another file system
     */
    public static byte[] of(Path path) {
        if (path.getFileSystem() != FileSystems.getDefault()) {
            throw new ProviderMismatchException("not a path of the default file system: " + path);
        }
        String text = path.toString();
        if (StandardCharsets.US_ASCII.newEncoder().canEncode(text)) { // the usual case
            return text.getBytes(StandardCharsets.US_ASCII);
        }
        Path absolute = path.isAbsolute() ? path : Path.of("/").resolve(path);
        URI uri = absolute.toUri();
        if (!SCHEME.equals(uri.getScheme())) {
            throw new ProviderMismatchException(
                    "the default file system does not expose the bytes of " + path);
        }
        byte[] bytes = decoded(uri.getRawPath());
        int start = path.isAbsolute() ? 0 : 1;
        int end = bytes[bytes.length - 1] == '/' ? bytes.length - 1 : bytes.length; // a directory
        return Arrays.copyOfRange(bytes, start, end);
    }

    /**
     * Returns the path with the given bytes.
     *
     * @param bytes the kernel's bytes, without a trailing NUL
     * @return a path of the default file system, which omits redundant slashes
     * @throws InvalidPathException if the bytes contain a NUL
     */
    public static Path toPath(byte[] bytes) {
        boolean ascii = true;
        for (byte each : bytes) {
            ascii &= each >= 0;
        }
        if (ascii) {
            return Path.of(new String(bytes, StandardCharsets.US_ASCII));
        }
        boolean absolute = bytes[0] == '/';
        Path path;
        try {
            path = Path.of(URI.create(SCHEME + (absolute ? "://" : ":///") + encoded(bytes)));
        } catch (IllegalArgumentException e) {
            InvalidPathException invalid =
                    new InvalidPathException(encoded(bytes), "contains a NUL");
            invalid.initCause(e);
            throw invalid;
        }
        return absolute ? path : path.subpath(0, path.getNameCount());
    }

    private static byte[] decoded(String rawPath) {
        byte[] bytes = new byte[rawPath.length()];
        int length = 0;
        for (int i = 0; i < rawPath.length(); i++) {
            char each = rawPath.charAt(i);
            if (each == '%') {
                bytes[length++] = (byte) Integer.parseInt(rawPath, i + 1, i + 3, 16);
                i += 2;
            } else {
                bytes[length++] = (byte) each;
            }
        }
        return Arrays.copyOf(bytes, length);
    }

    private static String encoded(byte[] bytes) {
        StringBuilder text = new StringBuilder();
        for (byte each : bytes) {
            if (each > 0 && (Character.isLetterOrDigit(each) || UNRESERVED.indexOf(each) >= 0)) {
                text.append((char) each);
            } else {
                text.append(String.format("%%%02X", each));
            }
        }
        return text.toString();
    }
}
