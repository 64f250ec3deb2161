package io.uloop.poller;

/**
 * The bits of an interest and of an event, the same on every backend.
 *
 * <p>The values are those of Linux, so epoll and poll(2) need no translation there. {@link #IN},
 * {@link #OUT}, {@link #PRI} and {@link #RDHUP} can be requested. {@link #ERR}, {@link #HUP} and
 * {@link #NVAL} are only reported. {@link #EDGE}, {@link #ONESHOT} and {@link #EXCLUSIVE} are modes
 * that modify an interest and are never reported.
 *
 * <p>Readiness means that the operation would not fail with EAGAIN. It may still fail otherwise, or
 * find nothing if another thread was faster. An event with ERR or HUP also has the requested bits
 * of {@code IN | OUT}. A handler that reads on IN and writes on OUT therefore learns of every end
 * and error from the read or write itself.
 *
 * @see <a href="https://man7.org/linux/man-pages/man2/poll.2.html">poll(2)</a>
 * @see <a href="https://man7.org/linux/man-pages/man2/epoll_ctl.2.html">epoll_ctl(2)</a>
 * @since 0.1
 */
public final class UEvent {
    /** No bits. As an interest, it keeps the descriptor registered without reporting it. */
    public static final int NONE = 0;

    /**
     * Reading or accepting would not block. End of stream counts as readable.
     *
     * <table>
     * <caption>IN per backend</caption>
     * <tr><th>epoll</th><td>EPOLLIN</td></tr>
     * <tr><th>kqueue</th><td>EVFILT_READ</td></tr>
     * <tr><th>poll</th><td>POLLIN</td></tr>
     * <tr><th>select</th><td>OP_READ, OP_ACCEPT</td></tr>
     * </table>
     */
    public static final int IN = 0x01;

    /**
     * An urgent condition: out-of-band data on TCP, a changed sysfs attribute, a packet-mode pty.
     *
     * <table>
     * <caption>PRI per backend</caption>
     * <tr><th>epoll</th><td>EPOLLPRI</td></tr>
     * <tr><th>kqueue</th><td>never reported</td></tr>
     * <tr><th>poll</th><td>POLLPRI</td></tr>
     * <tr><th>select</th><td>never reported</td></tr>
     * </table>
     */
    public static final int PRI = 0x02;

    /**
     * Writing would not block, or a pending connect has succeeded or failed.
     *
     * <table>
     * <caption>OUT per backend</caption>
     * <tr><th>epoll</th><td>EPOLLOUT</td></tr>
     * <tr><th>kqueue</th><td>EVFILT_WRITE</td></tr>
     * <tr><th>poll</th><td>POLLOUT</td></tr>
     * <tr><th>select</th><td>OP_WRITE, OP_CONNECT</td></tr>
     * </table>
     */
    public static final int OUT = 0x04;

    /**
     * An error is pending, or a pipe's reader has closed. Reported even if not requested.
     *
     * <table>
     * <caption>ERR per backend</caption>
     * <tr><th>epoll</th><td>EPOLLERR</td></tr>
     * <tr><th>kqueue</th><td>EV_EOF with fflags, or EV_EOF of a pipe's write end</td></tr>
     * <tr><th>poll</th><td>POLLERR</td></tr>
     * <tr><th>select</th><td>never reported: the I/O call throws</td></tr>
     * </table>
     */
    public static final int ERR = 0x08;

    /**
     * Both directions are shut down, or the other end of a pipe or pty has closed. Data may still
     * be buffered, so read first. Reported even if not requested.
     *
     * <table>
     * <caption>HUP per backend</caption>
     * <tr><th>epoll</th><td>EPOLLHUP</td></tr>
     * <tr><th>kqueue</th><td>EV_EOF of both filters, or of a non-socket's read end</td></tr>
     * <tr><th>poll</th><td>POLLHUP</td></tr>
     * <tr><th>select</th><td>never reported: IN is, and the read returns end of stream</td></tr>
     * </table>
     */
    public static final int HUP = 0x10;

    /**
     * The descriptor was closed while registered, and its registration has ended. Reported at most
     * once.
     *
     * <table>
     * <caption>NVAL per backend</caption>
     * <tr><th>epoll</th><td>never reported: the kernel forgets closed files</td></tr>
     * <tr><th>kqueue</th><td>never reported: the kernel forgets closed files</td></tr>
     * <tr><th>poll</th><td>POLLNVAL</td></tr>
     * <tr><th>select</th><td>never reported: the key is cancelled</td></tr>
     * </table>
     */
    public static final int NVAL = 0x20;

    /**
     * The peer sends nothing after the buffered data. Reported only if requested.
     *
     * <table>
     * <caption>RDHUP per backend</caption>
     * <tr><th>epoll</th><td>EPOLLRDHUP</td></tr>
     * <tr><th>kqueue</th><td>EV_EOF of a socket's EVFILT_READ</td></tr>
     * <tr><th>poll</th><td>POLLRDHUP on Linux</td></tr>
     * <tr><th>select</th><td>never reported: IN is, and the read returns end of stream</td></tr>
     * </table>
     */
    public static final int RDHUP = 0x2000;

    /**
     * A mode that wakes at least one, but not all, of several pollers that watch one file. Can be
     * combined only with IN, OUT and EDGE.
     *
     * <table>
     * <caption>EXCLUSIVE per backend</caption>
     * <tr><th>epoll</th><td>EPOLLEXCLUSIVE (Linux 4.5)</td></tr>
     * <tr><th>kqueue, poll, select</th><td>rejected</td></tr>
     * </table>
     */
    public static final int EXCLUSIVE = 1 << 28;

    /**
     * A mode that reports once and then nothing, not even ERR and HUP, until the next modify.
     *
     * <table>
     * <caption>ONESHOT per backend</caption>
     * <tr><th>epoll</th><td>EPOLLONESHOT</td></tr>
     * <tr><th>kqueue</th><td>EV_ONESHOT</td></tr>
     * <tr><th>poll, select</th><td>emulated</td></tr>
     * </table>
     */
    public static final int ONESHOT = 1 << 30;

    /**
     * A mode that reports a change once, instead of a state for as long as it lasts. Spurious
     * repeats are allowed. Read or write until EAGAIN.
     *
     * <table>
     * <caption>EDGE per backend</caption>
     * <tr><th>epoll</th><td>EPOLLET</td></tr>
     * <tr><th>kqueue</th><td>EV_CLEAR</td></tr>
     * <tr><th>poll, select</th><td>rejected</td></tr>
     * </table>
     */
    public static final int EDGE = 1 << 31;

    /** The bits that can be requested. */
    public static final int INTERESTS = IN | PRI | OUT | RDHUP;

    /** The bits that are reported but cannot be requested. */
    public static final int OUTPUT_ONLY = ERR | HUP | NVAL;

    /** The bits that change how an interest is reported. */
    public static final int MODES = EXCLUSIVE | ONESHOT | EDGE;

    private UEvent() {}

    /**
     * Returns the names of the bits, such as {@code "IN|OUT|EDGE"}, or {@code "NONE"} for 0. Bits
     * without a name come last, in hexadecimal. Allocates, so do not call it on the hot path.
     *
     * @param events any combination of bits
     * @return the names, joined by {@code |}
     */
    public static String toString(int events) {
        if (events == NONE) {
            return "NONE";
        }
        StringBuilder names = new StringBuilder();
        int rest = events;
        rest = name(names, rest, IN, "IN");
        rest = name(names, rest, PRI, "PRI");
        rest = name(names, rest, OUT, "OUT");
        rest = name(names, rest, ERR, "ERR");
        rest = name(names, rest, HUP, "HUP");
        rest = name(names, rest, NVAL, "NVAL");
        rest = name(names, rest, RDHUP, "RDHUP");
        rest = name(names, rest, EXCLUSIVE, "EXCLUSIVE");
        rest = name(names, rest, ONESHOT, "ONESHOT");
        rest = name(names, rest, EDGE, "EDGE");
        if (rest != 0) {
            name(names, rest, rest, "0x" + Integer.toHexString(rest));
        }
        return names.toString();
    }

    private static int name(StringBuilder names, int rest, int bit, String name) {
        if ((rest & bit) == 0) {
            return rest;
        }
        if (names.length() > 0) {
            names.append('|');
        }
        names.append(name);
        return rest & ~bit;
    }
}
