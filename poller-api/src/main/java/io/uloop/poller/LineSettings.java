package io.uloop.poller;

import java.util.Objects;

/**
 * The settings of a serial line. Both ends of the line must have the same.
 *
 * <pre>{@code
 * LineSettings settings = LineSettings.of(115_200).with(FlowControl.HARDWARE);
 * }</pre>
 *
 * @param baud the speed in bits per second, 1 or more
 * @param dataBits the number of bits in a character, 5 to 8
 * @param parity what the parity bit contains
 * @param stopBits the number of bits after a character, 1 or 2
 * @param flowControl how a receiver holds the sender
 * @since 0.1
 */
public record LineSettings(
        int baud, int dataBits, Parity parity, int stopBits, FlowControl flowControl) {
    /** What the parity bit of a character contains. */
    public enum Parity {
        /** There is no such bit. */
        NONE,
        /** The number of ones is even. */
        EVEN,
        /** The number of ones is odd. */
        ODD,
        /** Always one. Requires Linux. */
        MARK,
        /** Always zero. Requires Linux. */
        SPACE
    }

    /** How a receiver holds the sender. */
    public enum FlowControl {
        /** It cannot, so it loses what it cannot take. */
        NONE,
        /** By the lines RTS and CTS. */
        HARDWARE,
        /** By the characters XON and XOFF, which the data must not contain. */
        SOFTWARE
    }

    /**
     * Creates settings.
     *
     * @param baud 1 or more
     * @param dataBits 5 to 8
     * @param parity any
     * @param stopBits 1 or 2
     * @param flowControl any
     * @throws IllegalArgumentException if a number is out of range
     */
    public LineSettings {
        Objects.requireNonNull(parity, "parity");
        Objects.requireNonNull(flowControl, "flowControl");
        require(baud >= 1, "a line needs 1 baud or more, not " + baud);
        require(dataBits >= 5 && dataBits <= 8, "a character has 5 to 8 bits, not " + dataBits);
        require(stopBits == 1 || stopBits == 2, "there are 1 or 2 stop bits, not " + stopBits);
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new IllegalArgumentException(message);
        }
    }

    /**
     * Returns the most common settings: 8 data bits, no parity, 1 stop bit, no flow control.
     *
     * @param baud the speed in bits per second, 1 or more
     * @return the settings
     * @throws IllegalArgumentException if the speed is out of range
     */
    public static LineSettings of(int baud) {
        return new LineSettings(baud, 8, Parity.NONE, 1, FlowControl.NONE);
    }

    /**
     * Returns these settings with another parity.
     *
     * @param other the parity
     * @return the settings
     */
    public LineSettings with(Parity other) {
        return new LineSettings(baud, dataBits, other, stopBits, flowControl);
    }

    /**
     * Returns these settings with another flow control.
     *
     * @param other the flow control
     * @return the settings
     */
    public LineSettings with(FlowControl other) {
        return new LineSettings(baud, dataBits, parity, stopBits, other);
    }

    /**
     * Returns these settings with other sizes.
     *
     * @param newDataBits the number of bits in a character, 5 to 8
     * @param newStopBits the number of bits after a character, 1 or 2
     * @return the settings
     * @throws IllegalArgumentException if a number is out of range
     */
    public LineSettings withBits(int newDataBits, int newStopBits) {
        return new LineSettings(baud, newDataBits, parity, newStopBits, flowControl);
    }
}
