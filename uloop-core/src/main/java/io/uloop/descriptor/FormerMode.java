package io.uloop.descriptor;

import io.uloop.poller.NativeDescriptors;
import io.uloop.poller.PollerException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The blocking mode that a descriptor had before this process changed it. Other processes may share
 * the open file and its mode. After {@link #restoreAtExit}, the mode is restored once, by {@link
 * #restore} or when the JVM exits. Thread-safe.
 */
public final class FormerMode {
    private static final Set<FormerMode> TO_RESTORE = ConcurrentHashMap.newKeySet();

    private final NativeDescriptors io;
    private final int fd;

    /**
     * Notes that a descriptor was blocking.
     *
     * @param io the I/O of the descriptor
     * @param fd the descriptor
     */
    public FormerMode(NativeDescriptors io, int fd) {
        this.io = io;
        this.fd = fd;
    }

    /** Restores the modes when the JVM exits. Loaded with the first one. */
    private static final class AtExit {
        static {
            try {
                Thread hook = new Thread(AtExit::restoreAll, "uloop-restore-modes");
                Runtime.getRuntime().addShutdownHook(hook);
            } catch (IllegalStateException e) {
                // The JVM is already exiting.
            }
        }

        private AtExit() {}

        static void add(FormerMode mode) {
            TO_RESTORE.add(mode);
        }

        private static void restoreAll() {
            for (FormerMode mode : TO_RESTORE) {
                try {
                    mode.restore();
                } catch (PollerException e) {
                    // The descriptor was closed by number, so its mode cannot be restored.
                }
            }
        }
    }

    /** Restores the mode when the JVM exits, unless {@link #restore} does so earlier. */
    public void restoreAtExit() {
        AtExit.add(this);
    }

    /**
     * Makes the descriptor blocking, after {@link #restoreAtExit}. Idempotent.
     *
     * @throws PollerException EBADF if the descriptor was closed by number
     */
    public synchronized void restore() throws PollerException {
        // Synchronized so that the caller closes the descriptor only after the exit has used it.
        if (TO_RESTORE.remove(this)) {
            io.setBlocking(fd, true);
        }
    }
}
