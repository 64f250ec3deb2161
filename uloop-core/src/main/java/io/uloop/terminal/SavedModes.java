package io.uloop.terminal;

import io.uloop.observe.Log;
import io.uloop.poller.NativeTerminals;
import io.uloop.poller.PollerException;
import io.uloop.poller.TerminalModes;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The modes that an open terminal had before this process changed them. They are restored, and a
 * break is ended, when it is closed and when the JVM exits. Thread-safe.
 */
final class SavedModes {
    /** Those to restore, which also guards their use. */
    private static final Set<SavedModes> OPEN = new LinkedHashSet<>();

    private static boolean hooked;

    /** Whether the modes have been restored because the JVM exits. */
    private static boolean exiting;

    private final NativeTerminals terminals;
    private final int fd;
    private @Nullable TerminalModes modes;
    private boolean breaking;

    /** Saves nothing yet. */
    SavedModes(NativeTerminals terminals, int fd) {
        this.terminals = terminals;
        this.fd = fd;
    }

    /**
     * Changes the modes after saving them. Does nothing once the JVM exits, because nothing would
     * restore them.
     */
    void change(Line.Change change) throws PollerException {
        synchronized (OPEN) {
            if (!isRestoredAtExit()) {
                return;
            }
            if (modes == null) {
                modes = terminals.modes(fd);
                OPEN.add(this);
            }
            change.apply(terminals, fd);
        }
    }

    /** Starts a break, unless the JVM exits. */
    void startBreak() throws PollerException {
        synchronized (OPEN) {
            if (isRestoredAtExit()) {
                terminals.setBreak(fd, true);
                breaking = true;
                OPEN.add(this);
            }
        }
    }

    /** Ends a break, if there is one. */
    void endBreak() throws PollerException {
        synchronized (OPEN) {
            if (breaking) {
                breaking = false;
                terminals.setBreak(fd, false);
            }
        }
    }

    /** Restores the modes, while the descriptor is open. */
    void restore() throws PollerException {
        synchronized (OPEN) {
            TerminalModes former = modes;
            if (former != null) {
                modes = null;
                terminals.restore(fd, former);
            }
        }
    }

    /** Restores the modes of a terminal that is about to be closed, perhaps after a hang-up. */
    void restoreForClose() {
        try {
            endBreak();
            restore();
        } catch (PollerException e) {
            Log.debug("cannot restore the modes of the terminal fd=" + fd, e);
        }
        synchronized (OPEN) {
            OPEN.remove(this);
        }
    }

    /** Returns whether the exit of the JVM is going to restore what is changed now. */
    private static boolean isRestoredAtExit() {
        if (!hooked) {
            hooked = true;
            try {
                Runtime.getRuntime()
                        .addShutdownHook(
                                new Thread(SavedModes::restoreAll, "uloop terminal modes"));
            } catch (IllegalStateException e) {
                exiting = true;
            }
        }
        return !exiting;
    }

    /** Restores the modes of all terminals, which nothing changes from then on. */
    static void restoreAll() {
        synchronized (OPEN) {
            exiting = true;
            for (SavedModes open : Set.copyOf(OPEN)) {
                open.restoreForClose();
            }
        }
    }
}
