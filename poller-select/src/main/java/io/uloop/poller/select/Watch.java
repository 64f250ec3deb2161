package io.uloop.poller.select;

import io.uloop.poller.UEvent;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;

/**
 * A key, its attachment and its poller's state. Not thread-safe: call from the poller's owner
 * thread.
 */
final class Watch {
    final SelectionKey key;

    /** The token to report events with. */
    long token;

    /** False once removed. The key is kept until the next wait, so that an add can reuse it. */
    boolean attached;

    /** Whether this watch is in the poller's list of those to update before the next wait. */
    boolean unsettled;

    /** The UEvent bits found by the current wait. */
    int events;

    Watch(SelectionKey key) {
        this.key = key;
        key.attach(this);
    }

    /**
     * Sets the key's operations for an interest.
     *
     * @return false if the key is cancelled because another thread has closed the channel
     */
    boolean watch(int interest) {
        try {
            key.interestOps(operations(interest));
            return true;
        } catch (CancelledKeyException e) {
            return false;
        }
    }

    /**
     * Returns whether this is an unconnected stream socket, for which an interest will later mean
     * other operations.
     */
    boolean isConnecting() {
        return key.channel() instanceof SocketChannel stream
                && stream.isOpen()
                && !stream.isConnected();
    }

    private int operations(int interest) {
        int operations = 0;
        if ((interest & UEvent.IN) != 0) {
            operations |= SelectionKey.OP_READ | SelectionKey.OP_ACCEPT;
        }
        if ((interest & UEvent.OUT) != 0) {
            operations |= SelectionKey.OP_WRITE;
        }
        if (operations != 0
                && key.channel() instanceof SocketChannel stream
                && stream.isConnectionPending()) {
            operations = (operations & ~SelectionKey.OP_WRITE) | SelectionKey.OP_CONNECT;
        }
        return operations & key.channel().validOps();
    }

    /** Converts ready operations to the UEvent bits of an interest. */
    static int events(int operations, int interest) {
        int events = 0;
        if ((operations & (SelectionKey.OP_READ | SelectionKey.OP_ACCEPT)) != 0) {
            events |= UEvent.IN;
        }
        if ((operations & SelectionKey.OP_WRITE) != 0) {
            events |= UEvent.OUT;
        }
        if ((operations & SelectionKey.OP_CONNECT) != 0) {
            // With an interest in IN alone, a finished connect is reported as readable.
            events |= (interest & UEvent.OUT) != 0 ? UEvent.OUT : UEvent.IN;
        }
        return events;
    }
}
