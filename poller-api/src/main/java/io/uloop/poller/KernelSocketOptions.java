package io.uloop.poller;

import java.net.SocketOption;

/**
 * Socket options that kernels support but {@code java.net} and {@code jdk.net} do not define. Use
 * them with {@link Descriptors#setOption} and {@link Descriptors#option}. If the platform does not
 * support an option, both throw {@link UnsupportedOperationException} with the names of the option
 * and the platform. NIO supports none of them. {@link Descriptors#supportedOptions} returns the
 * options that a socket supports.
 *
 * @since 0.1
 */
public final class KernelSocketOptions {
    /**
     * Whether an IPv6 socket excludes IPv4, so that another socket can use the same port for IPv4.
     * Set it before the socket is bound. It is false for sockets opened by {@link Descriptors},
     * whatever the system's default. Requires a native backend.
     *
     * @see <a href="https://man7.org/linux/man-pages/man7/ipv6.7.html">ipv6(7)</a>
     */
    public static final SocketOption<Boolean> IPV6_V6ONLY =
            new Option<>("IPV6_V6ONLY", Boolean.class);

    /**
     * How many seconds a listener holds back a connection until its first bytes arrive; 0 disables
     * this. The kernel rounds the time up to one of its SYN-ACK retransmissions. Requires Linux.
     *
     * @see <a href="https://man7.org/linux/man-pages/man7/tcp.7.html">tcp(7)</a>
     */
    public static final SocketOption<Integer> TCP_DEFER_ACCEPT =
            new Option<>("TCP_DEFER_ACCEPT", Integer.class);

    /**
     * How many milliseconds sent bytes may remain unacknowledged before the connection fails with
     * ETIMEDOUT; 0 selects the system's default. Requires Linux.
     *
     * @see <a href="https://man7.org/linux/man-pages/man7/tcp.7.html">tcp(7)</a>
     */
    public static final SocketOption<Integer> TCP_USER_TIMEOUT =
            new Option<>("TCP_USER_TIMEOUT", Integer.class);

    /**
     * Whether datagrams from one sender may be received as segmented datagrams in one slot of a
     * {@link DatagramBatch}. Set it only if the receiver checks {@link DatagramBatch#segmentBytes},
     * because every other way to receive sees them as one datagram. Requires Linux 5.0.
     *
     * @see <a href="https://man7.org/linux/man-pages/man7/udp.7.html">udp(7)</a>
     */
    public static final SocketOption<Boolean> UDP_GRO = new Option<>("UDP_GRO", Boolean.class);

    /**
     * How many routers may forward the datagrams or packets that are not multicast, 1 to 255: the
     * time to live of IPv4, the hop limit of IPv6. Requires a native backend.
     *
     * @see <a href="https://man7.org/linux/man-pages/man7/ip.7.html">ip(7)</a>
     */
    public static final SocketOption<Integer> IP_TTL = new Option<>("IP_TTL", Integer.class);

    /**
     * Whether a {@link DatagramInfo} tells to which address, and on which interface, a datagram was
     * received. Requires a native backend.
     *
     * @see <a href="https://man7.org/linux/man-pages/man7/ip.7.html">IP_PKTINFO in ip(7)</a>
     */
    public static final SocketOption<Boolean> IP_PKTINFO =
            new Option<>("IP_PKTINFO", Boolean.class);

    /**
     * Whether errors of sent datagrams are queued for {@link NativeDescriptors#receiveError}. On a
     * socket without a peer, the next call then also fails with the error. Requires Linux.
     *
     * @see <a href="https://man7.org/linux/man-pages/man7/ip.7.html">IP_RECVERR in ip(7)</a>
     */
    public static final SocketOption<Boolean> IP_RECVERR =
            new Option<>("IP_RECVERR", Boolean.class);

    /**
     * Whether a {@link DatagramInfo} tells when the kernel received a datagram. Requires a native
     * backend.
     *
     * @see <a href="https://man7.org/linux/man-pages/man7/socket.7.html">SO_TIMESTAMP in
     *     socket(7)</a>
     */
    public static final SocketOption<Boolean> SO_TIMESTAMP =
            new Option<>("SO_TIMESTAMP", Boolean.class);

    /**
     * Whether urgent bytes arrive among the other bytes, instead of by {@link
     * NativeDescriptors#receiveUrgent}. Requires a native backend.
     *
     * @see <a href="https://man7.org/linux/man-pages/man7/socket.7.html">socket(7)</a>
     */
    public static final SocketOption<Boolean> SO_OOBINLINE =
            new Option<>("SO_OOBINLINE", Boolean.class);

    /**
     * Whether TCP holds back segments that are not full, until this is switched off: TCP_CORK on
     * Linux, which sends them after 200 ms at the latest, TCP_NOPUSH elsewhere. Requires a native
     * backend. {@link NativeDescriptors#writeMore} does so for one write.
     *
     * @see <a href="https://man7.org/linux/man-pages/man7/tcp.7.html">tcp(7)</a>
     */
    public static final SocketOption<Boolean> TCP_CORK = new Option<>("TCP_CORK", Boolean.class);

    private KernelSocketOptions() {}

    private record Option<T>(String name, Class<T> type) implements SocketOption<T> {
        @Override
        public String toString() {
            return name;
        }
    }
}
