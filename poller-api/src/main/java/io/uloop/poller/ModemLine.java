package io.uloop.poller;

/**
 * A control line of a serial line, beside those that carry the data.
 *
 * @since 0.1
 */
public enum ModemLine {
    /** Data terminal ready: tells the device that a program is there. Set by this side. */
    DTR(true),
    /** Request to send: tells the device that it may send. Set by this side. */
    RTS(true),
    /** Clear to send: the device takes bytes. */
    CTS(false),
    /** Data set ready: the device is on. */
    DSR(false),
    /** Data carrier detect: the device has a connection. */
    DCD(false),
    /** Ring indicator: someone calls. */
    RI(false);

    private final boolean output;

    ModemLine(boolean output) {
        this.output = output;
    }

    /** {@return whether this side sets the line, rather than the device} */
    public boolean isOutput() {
        return output;
    }
}
