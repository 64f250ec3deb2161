package io.uloop.poller;

import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A unix-domain address that a {@link UnixDomainSocketAddress} cannot represent: a Linux abstract
 * name, which begins with a NUL and has no file, or a path of 108 bytes. Native backends accept it
 * wherever they accept a unix-domain address, and return it for such a name.
 *
 * <p>Two addresses are equal if their names have the same bytes. Immutable.
 *
 * @see <a href="https://man7.org/linux/man-pages/man7/unix.7.html">unix(7)</a>
 * @since 0.1
 */
public final class UnixAddress extends SocketAddress {
    /** The maximum length of a name in bytes. BSD and macOS have a lower limit. */
    public static final int MAX_BYTES = 108;

    /**
     * The unnamed address. A native socket that is bound to it gets an unused abstract name from
     * Linux, five hexadecimal digits. Other systems reject it.
     *
     * @see <a href="https://man7.org/linux/man-pages/man7/unix.7.html">Autobind in unix(7)</a>
     */
    public static final SocketAddress AUTOBIND = UnixDomainSocketAddress.of("");

    /** The maximum length of a path in bytes, without its trailing NUL. */
    private static final int MAX_PATH_BYTES = MAX_BYTES - 1;

    private static final long serialVersionUID = 1;

    /** The bytes of the name, without the NUL behind a path. */
    private final byte[] name;

    /**
     * Creates an address from a name.
     *
     * @param name the bytes, 1 to {@link #MAX_BYTES}, which are copied; an abstract name begins
     *     with a NUL
     * @throws IllegalArgumentException if the length is out of range
     */
    public UnixAddress(byte[] name) {
        if (name.length < 1 || name.length > MAX_BYTES) {
            throw new IllegalArgumentException(
                    "name length " + name.length + " is out of range 1 to " + MAX_BYTES);
        }
        this.name = name.clone();
    }

    /**
     * Returns the address with a given name.
     *
     * @param name the bytes; empty for an unnamed address
     * @return a {@link UnixDomainSocketAddress} if it gives the same bytes to the kernel, otherwise
     *     a {@link UnixAddress}
     * @throws IllegalArgumentException if the name is longer than {@link #MAX_BYTES}
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
                // The name contains a NUL.
            }
        }
        return new UnixAddress(name);
    }

    /**
     * Returns the address with an abstract name. Requires Linux.
     *
     * @param name the name in UTF-8 without the NUL before it, up to {@link #MAX_BYTES} - 1 bytes
     * @return the address
     * @throws IllegalArgumentException if the name is too long
     */
    public static UnixAddress ofAbstract(String name) {
        return new UnixAddress(('\0' + name).getBytes(StandardCharsets.UTF_8));
    }

    /** {@return a copy of the name's bytes} */
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

    /** Returns the name, with bytes other than printable ASCII as {@code \\xff}. */
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
