package io.uloop.poller;

import io.uloop.poller.spi.PathBytes;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.InvalidPathException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A unix-domain address whose name no {@link UnixDomainSocketAddress} can hold: an abstract name of
 * Linux, which begins with a NUL and has no file, or a path of 108 bytes. The native backends take
 * it wherever they take a unix-domain address, and give it where the kernel gives such a name.
 *
 * <p>Two are equal if their names have the same bytes. Immutable.
 *
 * @see <a href="https://man7.org/linux/man-pages/man7/unix.7.html">unix(7)</a>
 */
public final class UnixAddress extends SocketAddress {
    /** How many bytes a name may have; fewer on BSD and macOS. */
    public static final int MAX_BYTES = 108;

    /** How many of them a path may have, which a NUL ends. */
    private static final int MAX_PATH_BYTES = MAX_BYTES - 1;

    private static final long serialVersionUID = 1;

    private final byte[] name;

    /**
     * Makes an address of a name.
     *
     * @param name its bytes, 1 to {@link #MAX_BYTES}, with a NUL first for an abstract name; copied
     * @throws IllegalArgumentException if they are too few or too many
     */
    public UnixAddress(byte[] name) {
        if (name.length < 1 || name.length > MAX_BYTES) {
            throw new IllegalArgumentException(
                    "a name of " + name.length + " bytes; it has 1 to " + MAX_BYTES);
        }
        this.name = name.clone();
    }

    /**
     * Gives the address that has a name.
     *
     * @param name its bytes; none for an address without a name
     * @return a {@link UnixDomainSocketAddress} if that gives the same bytes to the kernel, else a
     *     {@link UnixAddress}
     * @throws IllegalArgumentException if there are more than {@link #MAX_BYTES}
     */
    public static SocketAddress of(byte[] name) {
        if (name.length <= MAX_PATH_BYTES) {
            try {
                UnixDomainSocketAddress address =
                        UnixDomainSocketAddress.of(PathBytes.toPath(name));
                if (Arrays.equals(PathBytes.of(address.getPath()), name)) {
                    return address;
                }
            } catch (InvalidPathException e) {
                // It has a NUL.
            }
        }
        return new UnixAddress(name);
    }

    /**
     * The name.
     *
     * @return its bytes, in an array of the caller's own
     */
    public byte[] name() {
        return name.clone();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof UnixAddress that && Arrays.equals(name, that.name);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(name);
    }

    /** The name, with what is not printable ASCII as {@code \\xff}. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (byte each : name) {
            if (each >= ' ' && each < 0x7f && each != '\\') {
                text.append((char) each);
            } else {
                text.append(String.format("\\x%02x", each));
            }
        }
        return text.toString();
    }
}
