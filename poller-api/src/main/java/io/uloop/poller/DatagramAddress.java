package io.uloop.poller;

import io.uloop.poller.spi.PathBytes;
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
 * Where a datagram comes from or goes to, to be used again for the next one, so that none costs an
 * object: {@link Descriptors#receive(int, ByteBuffer, DatagramAddress)} writes it, {@link
 * Descriptors#send(int, ByteBuffer, DatagramAddress)} reads it. A reply goes to the address as it
 * came.
 *
 * <p>Two are equal if they are the same address now; take a {@link #copy} as the key of a map. IPv4
 * is IPv4 whichever socket it came through. A unix-domain address is the bytes of its name, so that
 * no two names become one. One thread at a time.
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

    /** The first bytes are a unix-domain socket's name. */
    private byte[] name = NO_NAME;

    private int nameLength;

    /** The same as an object, where it was made from one. */
    private @Nullable SocketAddress object;

    /** Makes one that is no address yet. */
    public DatagramAddress() {}

    /**
     * Makes one of an address.
     *
     * @param address as {@link #set}
     */
    public DatagramAddress(SocketAddress address) {
        set(address);
    }

    /**
     * Tells the kind of address.
     *
     * @return INET, INET6 or UNIX; null if it is none: a connected socket then sends to its peer
     */
    public @Nullable StandardProtocolFamily family() {
        return family;
    }

    /**
     * The port.
     *
     * @return 0 to 65535; 0 for UNIX and none
     */
    public int port() {
        return port;
    }

    /**
     * The first eight bytes of an IPv6 address.
     *
     * @return the first byte in the highest bits; 0 for every other kind
     */
    public long highBits() {
        return highBits;
    }

    /**
     * The last eight bytes of an IPv6 address, or the four of an IPv4 address.
     *
     * @return the last byte in the lowest bits; 0 for UNIX and none
     */
    public long lowBits() {
        return lowBits;
    }

    /**
     * The index of the interface that an IPv6 address is on.
     *
     * @return 0 if it needs none, and for every other kind
     */
    public int scope() {
        return scope;
    }

    /**
     * Tells how long the name of a unix-domain address is.
     *
     * @return bytes, without a NUL at the end; 0 if it has no name, and for every other kind
     */
    public int nameLength() {
        return nameLength;
    }

    /**
     * Copies the name of a unix-domain address: the bytes of its path, or what begins with a NUL,
     * the abstract name of Linux.
     *
     * @param target gets {@link #nameLength} bytes; its position stays as it is
     * @param start the index of the first
     * @throws IndexOutOfBoundsException if they do not fit
     */
    public void putName(ByteBuffer target, int start) {
        target.put(start, name, 0, nameLength);
    }

    /** Makes it no address. */
    public void clear() {
        become(null, 0, 0, 0, 0, null);
    }

    /**
     * Makes it an IPv4 address.
     *
     * @param address its bytes, the first in the highest bits
     * @param port 0 to 65535
     * @throws IllegalArgumentException if the port is not
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
     * Makes it an IPv6 address, or the IPv4 address that is mapped in it.
     *
     * @param highBits its first eight bytes
     * @param lowBits its last eight bytes
     * @param scope the index of the interface it is on; 0 if it needs none
     * @param port 0 to 65535
     * @throws IllegalArgumentException if the port is not
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
     * Makes it a unix-domain address.
     *
     * @param source holds the bytes of its name, which are copied; its position stays as it is
     * @param start the index of the first byte; a NUL there begins an abstract name of Linux
     * @param length how many bytes; 0 for an address without a name
     * @throws IndexOutOfBoundsException if there are no such bytes
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
     * Makes it the same as another.
     *
     * @param other stays as it is
     */
    public void set(DatagramAddress other) {
        become(other.family, other.highBits, other.lowBits, other.scope, other.port, other.object);
        reserveName(other.nameLength);
        System.arraycopy(other.name, 0, name, 0, other.nameLength);
        nameLength = other.nameLength;
    }

    /**
     * Makes it an address; may cost an object.
     *
     * @param address an {@link InetSocketAddress} that is resolved, a {@link
     *     UnixDomainSocketAddress} or a {@link UnixAddress}
     * @throws UnresolvedAddressException if a host name is not resolved
     * @throws UnsupportedAddressTypeException if it is another kind of address
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
     * The address as an object, which is made unless this was set from one.
     *
     * @return an {@link InetSocketAddress} without a host name, a {@link UnixDomainSocketAddress},
     *     or a {@link UnixAddress} if no path has that name; null for none
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
            throw new AssertionError("an address of 4 or 16 bytes is legal", e);
        }
    }

    /**
     * Makes another that is the same.
     *
     * @return one that stays as it is when this changes
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

    /** The address in words, as its object says it; {@code "none"} for none. */
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
            throw new IllegalArgumentException("port " + port + " is not from 0 to 65535");
        }
        return port;
    }
}
