package io.uloop.poller;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.UnresolvedAddressException;
import java.nio.channels.UnsupportedAddressTypeException;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A reusable source or destination address of datagrams. Reusing one instance avoids allocating an
 * address per datagram: {@link Descriptors#receive(int, ByteBuffer, DatagramAddress)} sets it and
 * {@link Descriptors#send(int, ByteBuffer, DatagramAddress)} reads it. A reply can be sent to a
 * received address as it is.
 *
 * <p>Two instances are equal if they currently hold the same address. Use a {@link #copy} as the
 * key of a map. An IPv4 address received on an IPv6 socket is an IPv4 address. A unix-domain
 * address is compared by the bytes of its name, so different names are never equal.
 *
 * <p>Not thread-safe.
 *
 * @since 0.1
 */
public final class DatagramAddress {
    private static final int MAPPED_PREFIX = 0xffff;
    private static final byte[] NO_NAME = {};
    private static final SocketAddress UNNAMED = UnixDomainSocketAddress.of("");

    private @Nullable StandardProtocolFamily family;
    private long highBits;
    private long lowBits;
    private int scope;
    private int port;

    /** The name of a unix-domain socket in its first {@link #nameLength} bytes. */
    private byte[] name = NO_NAME;

    private int nameLength;

    /** The same address as an object, if this was set from one or converted to one. */
    private @Nullable SocketAddress object;

    /** Creates an unset address. */
    public DatagramAddress() {}

    /**
     * Creates a copy of an address.
     *
     * @param address as for {@link #set(SocketAddress)}
     */
    public DatagramAddress(SocketAddress address) {
        set(address);
    }

    /**
     * Returns the kind of this address.
     *
     * @return INET, INET6 or UNIX; null if unset. An unset address makes a connected socket send to
     *     its peer
     */
    public @Nullable StandardProtocolFamily family() {
        return family;
    }

    /** {@return the port, 0 to 65535; 0 for a unix-domain or unset address} */
    public int port() {
        return port;
    }

    /**
     * Returns the first eight bytes of an IPv6 address.
     *
     * @return the bytes in network order, the first one in the highest bits; 0 for other kinds
     */
    public long highBits() {
        return highBits;
    }

    /**
     * Returns the last eight bytes of an IPv6 address, or the four bytes of an IPv4 address.
     *
     * @return the bytes in network order, the last one in the lowest bits; 0 for a unix-domain or
     *     unset address
     */
    public long lowBits() {
        return lowBits;
    }

    /**
     * {@return the interface index of a scoped IPv6 address; 0 without a scope and for other kinds}
     */
    public int scope() {
        return scope;
    }

    /**
     * Returns the length of a unix-domain address's name.
     *
     * @return the length in bytes without a trailing NUL; 0 for an unnamed address and for other
     *     kinds
     */
    public int nameLength() {
        return nameLength;
    }

    /**
     * Copies the name of a unix-domain address into a buffer. The name is the bytes of a path or,
     * if it begins with a NUL, a Linux abstract name.
     *
     * @param target receives {@link #nameLength} bytes; its position does not change
     * @param start the index of the first byte
     * @throws IndexOutOfBoundsException if the name does not fit
     */
    public void putName(ByteBuffer target, int start) {
        target.put(start, name, 0, nameLength);
    }

    /** Unsets this address. */
    public void clear() {
        become(null, 0, 0, 0, 0, null);
    }

    /**
     * Sets an IPv4 address.
     *
     * @param address the bytes, the first one in the highest bits
     * @param port 0 to 65535
     * @throws IllegalArgumentException if the port is out of range
     */
    public void setInet(int address, int port) {
        become(
                StandardProtocolFamily.INET,
                0,
                Integer.toUnsignedLong(address),
                0,
                requirePort(port),
                null);
    }

    /**
     * Sets an IPv6 address, or the IPv4 address that is mapped in it.
     *
     * @param highBits the first eight bytes
     * @param lowBits the last eight bytes
     * @param scope the interface index; 0 if the address has no scope
     * @param port 0 to 65535
     * @throws IllegalArgumentException if the port is out of range
     */
    public void setInet6(long highBits, long lowBits, int scope, int port) {
        if (highBits == 0 && lowBits >>> 32 == MAPPED_PREFIX) {
            setInet((int) lowBits, port);
        } else {
            StandardProtocolFamily inet6 = StandardProtocolFamily.INET6;
            become(inet6, highBits, lowBits, scope, requirePort(port), null);
        }
    }

    /**
     * Sets a unix-domain address.
     *
     * @param source contains the bytes of the name, which are copied; its position does not change
     * @param start the index of the first byte; a NUL there begins a Linux abstract name
     * @param length the length in bytes; 0 for an unnamed address
     * @throws IndexOutOfBoundsException if the range exceeds the buffer
     */
    public void setUnix(ByteBuffer source, int start, int length) {
        become(StandardProtocolFamily.UNIX, 0, 0, 0, 0, length == 0 ? UNNAMED : null);
        reserveName(length);
        source.get(start, name, 0, length);
        nameLength = length;
    }

    private void setUnix(byte[] newName, @Nullable SocketAddress newObject) {
        setUnix(ByteBuffer.wrap(newName), 0, newName.length);
        object = newObject;
    }

    private void reserveName(int length) {
        if (name.length < length) {
            name = new byte[Math.max(length, UnixAddress.MAX_BYTES)];
        }
    }

    /**
     * Sets this address to another one.
     *
     * @param other the address to copy
     */
    public void set(DatagramAddress other) {
        become(other.family, other.highBits, other.lowBits, other.scope, other.port, other.object);
        reserveName(other.nameLength);
        System.arraycopy(other.name, 0, name, 0, other.nameLength);
        nameLength = other.nameLength;
    }

    /**
     * Sets this address from a socket address. May allocate.
     *
     * @param address a resolved {@link InetSocketAddress}, a {@link UnixDomainSocketAddress} or a
     *     {@link UnixAddress}
     * @throws UnresolvedAddressException if the host name is not resolved
     * @throws UnsupportedAddressTypeException if the address is of another type
     */
    public void set(SocketAddress address) {
        Objects.requireNonNull(address, "address");
        if (address instanceof UnixDomainSocketAddress unix) {
            setUnix(PathBytes.of(unix.getPath()), address);
            return;
        }
        if (address instanceof UnixAddress unix) {
            setUnix(unix.name(), address);
            return;
        }
        if (!(address instanceof InetSocketAddress inet)) {
            throw new UnsupportedAddressTypeException();
        }
        if (inet.isUnresolved()) {
            throw new UnresolvedAddressException();
        }
        ByteBuffer bytes = ByteBuffer.wrap(inet.getAddress().getAddress());
        if (inet.getAddress() instanceof Inet6Address inet6) {
            setInet6(bytes.getLong(0), bytes.getLong(8), inet6.getScopeId(), inet.getPort());
        } else {
            setInet(bytes.getInt(0), inet.getPort());
        }
        object = address;
    }

    /**
     * Returns this address as a socket address. Allocates it unless this was set from one.
     *
     * @return an {@link InetSocketAddress} without a host name, a {@link UnixDomainSocketAddress},
     *     or a {@link UnixAddress} if the name is not a path; null if unset
     */
    public @Nullable SocketAddress toSocketAddress() {
        if (object == null && family != null) {
            object =
                    family == StandardProtocolFamily.UNIX
                            ? UnixAddress.of(Arrays.copyOf(name, nameLength))
                            : new InetSocketAddress(inetAddress(), port);
        }
        return object;
    }

    private InetAddress inetAddress() {
        try {
            if (family == StandardProtocolFamily.INET) {
                byte[] bytes = ByteBuffer.allocate(4).putInt((int) lowBits).array();
                return InetAddress.getByAddress(bytes);
            }
            byte[] bytes = ByteBuffer.allocate(16).putLong(highBits).putLong(lowBits).array();
            return scope == 0
                    ? InetAddress.getByAddress(bytes)
                    : Inet6Address.getByAddress(null, bytes, scope);
        } catch (UnknownHostException e) {
            throw new AssertionError("an address of 4 or 16 bytes must be valid", e);
        }
    }

    /**
     * Returns an independent copy.
     *
     * @return a new instance with the same address
     */
    public DatagramAddress copy() {
        DatagramAddress copy = new DatagramAddress();
        copy.set(this);
        return copy;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof DatagramAddress that
                && family == that.family
                && highBits == that.highBits
                && lowBits == that.lowBits
                && scope == that.scope
                && port == that.port
                && Arrays.equals(name, 0, nameLength, that.name, 0, that.nameLength);
    }

    @Override
    public int hashCode() {
        if (family == StandardProtocolFamily.UNIX) {
            int hash = 1;
            for (int i = 0; i < nameLength; i++) {
                hash = hash * 31 + name[i];
            }
            return hash;
        }
        return (Long.hashCode(highBits * 31 + lowBits) * 31 + scope) * 31 + port;
    }

    /** Returns the text of {@link #toSocketAddress}, or {@code "none"} if unset. */
    @Override
    public String toString() {
        return family == null ? "none" : String.valueOf(toSocketAddress());
    }

    private void become(
            @Nullable StandardProtocolFamily newFamily,
            long newHighBits,
            long newLowBits,
            int newScope,
            int newPort,
            @Nullable SocketAddress newObject) {
        family = newFamily;
        highBits = newHighBits;
        lowBits = newLowBits;
        scope = newScope;
        port = newPort;
        object = newObject;
        nameLength = 0;
    }

    private static int requirePort(int port) {
        if (port < 0 || port > 0xffff) {
            throw new IllegalArgumentException("port " + port + " is out of range 0 to 65535");
        }
        return port;
    }
}
