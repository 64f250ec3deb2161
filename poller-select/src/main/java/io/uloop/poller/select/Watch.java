package io.uloop.poller.select;

import io.uloop.poller.UEvent;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;

/** A key, its attachment, and what its poller knows of it. Owner thread only. */
final class Watch {
    final SelectionKey key;

    /** What to report it by. */
    long token;

    /** False once removed: the key is kept for a re-add until the next wait. */
    boolean attached;

    /** Whether it is in the poller's list of watches to look at before the next wait. */
    boolean unsettled;

    /** What the current wait has found, in UEvent bits. */
    int events;

    Watch(SelectionKey key) {
        this.key = key;
        key.attach(this);
    }

    /**
     * Makes the key watch what an interest means now.
     *
     * @return false if the key is cancelled: another thread has closed the channel
     */
    boolean watch(int interest) {
        try {
            key.interestOps(operations(interest));
            return true;
        } catch (CancelledKeyException e) {
            return false;
        }
    }

    /** Whether the meaning of an interest is going to change: an unconnected stream socket. */
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

    /** What ready operations mean to an interest, in UEvent bits. */
    static int events(int operations, int interest) {
        int events = 0;
        if ((operations & (SelectionKey.OP_READ | SelectionKey.OP_ACCEPT)) != 0) {
            events |= UEvent.IN;
        }
        if ((operations & SelectionKey.OP_WRITE) != 0) {
            events |= UEvent.OUT;
        }
        if ((operations & SelectionKey.OP_CONNECT) != 0) {
            // To one who asked for IN alone, a connect that has ended is an invitation to read.
            events |= (interest & UEvent.OUT) != 0 ? UEvent.OUT : UEvent.IN;
        }
        return events;
    }
}
