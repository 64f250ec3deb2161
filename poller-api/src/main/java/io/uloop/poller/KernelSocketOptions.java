package io.uloop.poller;

import java.net.SocketOption;

/**
 * Socket options that kernels have and {@code java.net} and {@code jdk.net} do not name, for {@link
 * Descriptors#setOption} and {@link Descriptors#option}. Where one does not exist, both throw
 * {@link UnsupportedOperationException}, which names the option and the platform; NIO has none of
 * them. {@link Descriptors#supportedOptions} tells which a socket has.
 */
public final class KernelSocketOptions {
    /**
     * Whether an IPv6 socket leaves IPv4 alone, so that another may listen on the same port; to be
     * set before it is bound. False for sockets of {@link Descriptors}, whatever the system's
     * default. Native backends.
     *
     * @see <a href="https://man7.org/linux/man-pages/man7/ipv6.7.html">ipv6(7)</a>
     */
    public static final SocketOption<Boolean> IPV6_V6ONLY =
            new Option<>("IPV6_V6ONLY", Boolean.class);

    /**
     * How many seconds a listener keeps a connection to itself until its first bytes are there; 0
     * for not at all. The kernel rounds up to how often it sends a SYN-ACK again. Linux.
     *
     * @see <a href="https://man7.org/linux/man-pages/man7/tcp.7.html">tcp(7)</a>
     */
    public static final SocketOption<Integer> TCP_DEFER_ACCEPT =
            new Option<>("TCP_DEFER_ACCEPT", Integer.class);

    /**
     * How many milliseconds sent bytes may stay unacknowledged until the connection fails with
     * ETIMEDOUT; 0 for the system's default. Linux.
     *
     * @see <a href="https://man7.org/linux/man-pages/man7/tcp.7.html">tcp(7)</a>
     */
    public static final SocketOption<Integer> TCP_USER_TIMEOUT =
            new Option<>("TCP_USER_TIMEOUT", Integer.class);

    /**
     * Whether datagrams of one sender may come as a row in one slot of a {@link DatagramBatch}; to
     * be set only where {@link DatagramBatch#segmentBytes} is looked at, because every other way to
     * receive takes a row for one datagram. Linux 5.0.
     *
     * @see <a href="https://man7.org/linux/man-pages/man7/udp.7.html">udp(7)</a>
     */
    public static final SocketOption<Boolean> UDP_GRO = new Option<>("UDP_GRO", Boolean.class);

    private KernelSocketOptions() {}

    private record Option<T>(String name, Class<T> type) implements SocketOption<T> {
        @Override
        public String toString() {
            return name;
        }
    }
}
