package io.uloop.descriptor;

import io.uloop.poller.Errno;
import io.uloop.poller.PollerException;
import java.time.Duration;
import java.util.Set;

/** What an error of accept(2) or of a registration means for a listener. */
public enum AcceptFault {
    /** The waiting connection has ended, not the listener. accept(2) says to retry. */
    CONNECTION_LOST,
    /**
     * Passes when others release resources. ENOSPC comes from registering: the limit of watched
     * descriptors is reached.
     */
    EXHAUSTED,
    /** Will not pass. */
    PERMANENT;

    /** How long a listener waits before it accepts again after a failure. */
    public static final Duration PAUSE = Duration.ofMillis(100);

    /** Bounds the lost connections in a row, so that a permanent error does not spin. */
    public static final int LOSSES_IN_A_ROW = 16;

    private static final Set<Errno> OF_RESOURCES =
            Set.of(Errno.EMFILE, Errno.ENFILE, Errno.ENOBUFS, Errno.ENOMEM, Errno.ENOSPC);

    private static final Set<Errno> OF_CONNECTIONS =
            Set.of(
                    Errno.ECONNABORTED,
                    Errno.EPROTO,
                    Errno.EPERM,
                    Errno.ENETDOWN,
                    Errno.ENOPROTOOPT,
                    Errno.EHOSTDOWN,
                    Errno.ENONET,
                    Errno.EHOSTUNREACH,
                    Errno.EOPNOTSUPP,
                    Errno.ENETUNREACH);

    /**
     * Returns what an error means.
     *
     * @param e a failed accept or registration
     * @return its meaning
     */
    public static AcceptFault of(PollerException e) {
        if (OF_CONNECTIONS.contains(e.errno())) {
            return CONNECTION_LOST;
        }
        return OF_RESOURCES.contains(e.errno()) ? EXHAUSTED : PERMANENT;
    }
}
