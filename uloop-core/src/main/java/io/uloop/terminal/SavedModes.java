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

    private final NativeTerminals terminals;
    private final int fd;
    private @Nullable TerminalModes modes;
    private boolean breaking;

    /** Saves nothing yet. */
    SavedModes(NativeTerminals terminals, int fd) {
        this.terminals = terminals;
        this.fd = fd;
    }

    /** Saves the modes if they are not saved. Call before each change. */
    void save() throws PollerException {
        synchronized (OPEN) {
            if (modes == null) {
                modes = terminals.modes(fd);
                add();
            }
        }
    }

    /** Starts a break. */
    void startBreak() throws PollerException {
        synchronized (OPEN) {
            terminals.setBreak(fd, true);
            breaking = true;
            add();
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

    private void add() {
        addHook();
        OPEN.add(this);
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

    private static void addHook() {
        if (!hooked) {
            hooked = true;
            try {
                Runtime.getRuntime()
                        .addShutdownHook(
                                new Thread(SavedModes::restoreAll, "uloop terminal modes"));
            } catch (IllegalStateException e) {
                // The JVM is exiting. The terminal is restored if it is closed in time.
            }
        }
    }

    private static void restoreAll() {
        synchronized (OPEN) {
            for (SavedModes open : Set.copyOf(OPEN)) {
                open.restoreForClose();
            }
        }
    }
}
