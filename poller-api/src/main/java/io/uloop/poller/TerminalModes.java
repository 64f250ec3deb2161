package io.uloop.poller;

import java.util.Arrays;

/**
 * All modes and settings of a terminal at one time, to be restored later. Immutable.
 *
 * @see NativeTerminals#modes
 * @since 0.1
 */
public final class TerminalModes {
    private final byte[] state;

    /**
     * Creates modes from their representation in the kernel.
     *
     * @param state its bytes
     */
    public TerminalModes(byte[] state) {
        this.state = state.clone();
    }

    /** {@return the representation in the kernel} */
    public byte[] state() {
        return state.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TerminalModes modes && Arrays.equals(state, modes.state);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(state);
    }
}
