package io.uloop.poller.posix.call;

/**
 * Constants of the C library, from the headers of each system, in the order of {@link
 * OperatingSystem}. Of two numbers, the second is that of macOS and all BSDs.
 */
public enum Constant {
    // open(2)
    O_RDONLY(0),
    O_WRONLY(1),
    O_RDWR(2),
    O_ACCMODE(3),
    O_NONBLOCK(0x800, 0x80, 4, 4, 4, 4),
    O_CLOEXEC(0x80000, 0x80000, 0x1000000, 0x100000, 0x10000, 0x20000),
    O_NOCTTY(0x100, 0x800, 0x20000, 0x8000, 0x8000, 0x8000),
    O_APPEND(0x400, 8, 8, 8, 8, 8),
    O_TRUNC(0x200, 0x400),
    O_CREAT(0x40, 0x100, 0x200, 0x200, 0x200, 0x200),
    O_EXCL(0x80, 0x400, 0x800, 0x800, 0x800, 0x800),

    // fcntl(2)
    F_GETFD(1),
    F_SETFD(2),
    F_GETFL(3),
    F_SETFL(4),

    // socket(2)
    SOCK_STREAM(1, 2, 1, 1, 1, 1),
    SOCK_DGRAM(2, 1, 2, 2, 2, 2),
    AF_UNIX(1),
    AF_INET(2),
    AF_INET6(10, 10, 30, 28, 24, 28),

    // shutdown(2)
    SHUT_RD(0),
    SHUT_WR(1),

    // recvmsg(2)
    MSG_OOB(1),
    MSG_PEEK(2),
    MSG_MORE(0x8000, Constant.NONE),
    MSG_TRUNC(32, 16),
    MSG_CTRUNC(8, 32),
    MSG_ERRQUEUE(0x2000, Constant.NONE),
    SCM_RIGHTS(1),
    SCM_TIMESTAMP(29, 29, 2, 2, 4, 2),
    SCM_TIMESTAMPNS(35, Constant.NONE),
    SOL_SOCKET(1, 0xffff, 0xffff, 0xffff, 0xffff, 0xffff),
    IPPROTO_IP(0),
    IPPROTO_IPV6(41),
    IPPROTO_TCP(6),

    // getsockopt(2), level SOL_SOCKET
    SO_TYPE(3, 4104, 4104, 4104, 4104, 4104),
    SO_ERROR(4, 4103, 4103, 4103, 4103, 4103),
    SO_ACCEPTCONN(30, 4105, 2, 2, 2, 2),
    SO_REUSEADDR(2, 4, 4, 4, 4, 4),
    SO_REUSEPORT(15, 512, 512, 512, 512, 512),
    SO_KEEPALIVE(9, 8, 8, 8, 8, 8),
    SO_BROADCAST(6, 32, 32, 32, 32, 32),
    SO_SNDBUF(7, 4097, 4097, 4097, 4097, 4097),
    SO_RCVBUF(8, 4098, 4098, 4098, 4098, 4098),
    SO_LINGER(13, 128, 128, 128, 128, 128),
    SO_OOBINLINE(10, 256, 256, 256, 256, 256),
    SO_TIMESTAMP(29, 29, 1024, 1024, 2048, 1024),
    SO_TIMESTAMPNS(35, Constant.NONE, Constant.NONE, Constant.NONE, Constant.NONE, Constant.NONE),

    // level IPPROTO_TCP
    TCP_NODELAY(1),
    TCP_CORK(3, Constant.NONE),
    TCP_NOPUSH(Constant.NONE, Constant.NONE, 4, 4, 16, 4),
    TCP_QUICKACK(12, Constant.NONE),
    TCP_DEFER_ACCEPT(9, Constant.NONE),
    TCP_USER_TIMEOUT(18, Constant.NONE),
    TCP_KEEPIDLE(4, 4, Constant.NONE, 256, Constant.NONE, 256),
    TCP_KEEPINTVL(5, 5, Constant.NONE, 512, Constant.NONE, 512),
    TCP_KEEPCNT(6, 6, Constant.NONE, 1024, Constant.NONE, 1024),

    // level IPPROTO_IP
    IP_TOS(1, 3),
    IP_TTL(2, 4),
    IP_PKTINFO(8, 8, 26, Constant.NONE, Constant.NONE, Constant.NONE),
    IP_RECVDSTADDR(Constant.NONE, 7),
    IP_RECVERR(11, Constant.NONE),
    IP_MULTICAST_IF(32, 9),
    IP_MULTICAST_TTL(33, 10),
    IP_MULTICAST_LOOP(34, 11),

    // level IPPROTO_IPV6
    IPV6_V6ONLY(26, 27),
    IPV6_UNICAST_HOPS(16, 4),
    IPV6_PKTINFO(50, 50, Constant.NONE, 46, 46, 46),
    IPV6_RECVPKTINFO(49, 49, Constant.NONE, 36, 36, 36),
    IPV6_RECVERR(25, Constant.NONE, Constant.NONE, Constant.NONE, Constant.NONE, Constant.NONE),
    IPV6_TCLASS(67, 67, 36, 61, 61, 61),
    IPV6_MULTICAST_IF(17, 9),
    IPV6_MULTICAST_HOPS(18, 10),
    IPV6_MULTICAST_LOOP(19, 11);

    /** Marks a constant that a system does not have. No call returns this as its errno. */
    static final int NONE = Integer.MIN_VALUE;

    private final int linux;
    private final int linuxOnMips;
    private final int darwin;
    private final int freebsd;
    private final int openbsd;
    private final int dragonfly;

    /** Creates a constant that is the same everywhere. */
    Constant(int value) {
        this(value, value);
    }

    Constant(int linux, int others) {
        this(linux, linux, others, others, others, others);
    }

    Constant(int linux, int linuxOnMips, int darwin, int freebsd, int openbsd, int dragonfly) {
        this.linux = linux;
        this.linuxOnMips = linuxOnMips;
        this.darwin = darwin;
        this.freebsd = freebsd;
        this.openbsd = openbsd;
        this.dragonfly = dragonfly;
    }

    /** {@return the number on this system} */
    public int value() {
        return valueOn(OperatingSystem.HERE);
    }

    /** {@return whether this system has the constant} */
    public boolean isDefined() {
        return value() != NONE;
    }

    /** {@return the number on a system, or {@link #NONE}} */
    int valueOn(OperatingSystem system) {
        return system.choose(linux, linuxOnMips, darwin, freebsd, openbsd, dragonfly);
    }
}
