package io.uloop.connection;

/** The phases of a connection, in this order. Each connection skips some of them. */
enum Phase {
    /** The TLS handshake is in progress. */
    HANDSHAKING,

    /** The handler gets what arrives. */
    OPEN,

    /** The user has closed the connection. Pending bytes are sent, and input is discarded. */
    CLOSING,

    /** The descriptor is closed. The last call of the handler is still to come. */
    ENDED,

    /** The handler has had its last call. */
    DONE;

    /** {@return whether the connection is neither closed nor over} */
    boolean isOpen() {
        return this == OPEN || this == HANDSHAKING;
    }

    /** {@return whether the descriptor is closed} */
    boolean isOver() {
        return this == ENDED || this == DONE;
    }
}
