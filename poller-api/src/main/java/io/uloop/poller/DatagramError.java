package io.uloop.poller;

/**
 * An error that a router, the receiver's machine or this machine reported about a datagram that was
 * sent. {@link NativeDescriptors#receiveError} sets it.
 *
 * <p>Not thread-safe.
 *
 * @since 0.1
 */
public final class DatagramError {
    /** What reported the error. */
    public enum Origin {
        /** The kernel of this machine. */
        LOCAL,
        /** An ICMP message. */
        ICMP,
        /** An ICMPv6 message. */
        ICMP6,
        /** Something else. */
        OTHER
    }

    private final DatagramAddress receiver = new DatagramAddress();
    private final DatagramAddress reporter = new DatagramAddress();
    private Errno errno = Errno.OTHER;
    private Origin origin = Origin.OTHER;
    private int type;
    private int code;
    private int info;

    /** Creates an error without values. */
    public DatagramError() {}

    /** {@return the receiver of the datagram; the same object every time} */
    public DatagramAddress receiver() {
        return receiver;
    }

    /**
     * {@return the machine that reported the error, without a port; unset if unknown. The same
     * object every time}
     */
    public DatagramAddress reporter() {
        return reporter;
    }

    /** {@return the error, such as {@link Errno#ECONNREFUSED} or {@link Errno#EMSGSIZE}} */
    public Errno errno() {
        return errno;
    }

    /** {@return what reported the error} */
    public Origin origin() {
        return origin;
    }

    /** {@return the type of the ICMP message, 0 to 255} */
    public int type() {
        return type;
    }

    /** {@return the code of the ICMP message, 0 to 255} */
    public int code() {
        return code;
    }

    /** {@return more about the error: the path's MTU in bytes for {@link Errno#EMSGSIZE}} */
    public int info() {
        return info;
    }

    /**
     * Sets everything but the addresses. The receiving {@link NativeDescriptors} calls this and
     * sets the addresses itself.
     *
     * @param newErrno as {@link #errno}
     * @param newOrigin as {@link #origin}
     * @param newType as {@link #type}
     * @param newCode as {@link #code}
     * @param newInfo as {@link #info}
     */
    public void set(Errno newErrno, Origin newOrigin, int newType, int newCode, int newInfo) {
        errno = newErrno;
        origin = newOrigin;
        type = newType;
        code = newCode;
        info = newInfo;
    }

    @Override
    public String toString() {
        return errno + " of a datagram to " + receiver + ", reported by " + origin;
    }
}
