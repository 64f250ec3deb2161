package io.uloop.connection;

import io.uloop.net.StreamChannel;
import io.uloop.poller.Errno;
import io.uloop.poller.PollerException;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.nio.ByteBuffer;

/** The outgoing half of a connection: pending bytes, followed by the end of the stream. */
final class ConnectionOutput {
    private final SocketConnection connection;
    private final StreamChannel channel;
    private final HandlerCalls calls;
    private final WriteQueue queue;
    private final Deadlines deadlines;
    private boolean ended; // by the user; the end of the stream is sent once the queue is empty
    private boolean finished; // the end of the stream has been sent

    ConnectionOutput(
            SocketConnection connection,
            StreamChannel channel,
            HandlerCalls calls,
            WriteQueue queue,
            Deadlines deadlines) {
        this.connection = connection;
        this.channel = channel;
        this.calls = calls;
        this.queue = queue;
        this.deadlines = deadlines;
    }

    boolean isWritable() {
        return !queue.isFull() && !ended;
    }

    /** Returns whether the output is closed to new bytes. */
    boolean isEnded() {
        return ended;
    }

    /** Returns whether the end of the stream has been sent. */
    boolean isFinished() {
        return finished;
    }

    long pendingBytes() {
        return queue.bytes();
    }

    /** Returns the level-triggered interest of this half. */
    int interest() {
        return queue.isEmpty() ? UEvent.NONE : UEvent.OUT;
    }

    void write(ByteBuffer source) {
        boolean wasEmpty = queue.isEmpty();
        try {
            written(queue.write(source), wasEmpty);
        } catch (IOException | RuntimeException | Error e) {
            connection.fail(e);
        }
    }

    void write(ByteBuffer[] sources, int offset, int length) {
        boolean wasEmpty = queue.isEmpty();
        try {
            written(queue.write(sources, offset, length), wasEmpty);
        } catch (IOException | RuntimeException | Error e) {
            connection.fail(e);
        }
    }

    private void written(long bytes, boolean wasEmpty) {
        if (bytes > 0) {
            deadlines.moved();
        }
        if (wasEmpty && !queue.isEmpty()) {
            deadlines.blocked();
            connection.updateInterest();
        }
    }

    /** Sends pending bytes until the kernel takes no more. */
    void flush() {
        if (queue.isEmpty()) {
            return;
        }
        boolean wasFull = queue.isFull();
        try {
            if (queue.flush() > 0) {
                deadlines.taken();
            }
        } catch (IOException | RuntimeException | Error e) {
            connection.fail(e);
            return;
        }
        connection.updateInterest();
        if (ended) {
            finish();
        } else if (wasFull && !queue.isFull()) {
            calls.call(ConnectionHandler::writable);
        }
    }

    /** Sends the end of the stream after the pending bytes. */
    void end() {
        if (!ended) {
            ended = true;
            finish();
        }
    }

    private void finish() {
        if (connection.isGone() || !queue.isEmpty()) {
            return;
        }
        try {
            channel.shutdownOutput();
        } catch (IOException e) {
            if (!isDisconnected(e)) {
                connection.fail(e);
                return;
            }
            // The peer is gone, which ends this direction too. Unless the peer had ended its own
            // direction, the bytes before the reset and then the reset are still to be read.
        }
        finished = true;
        connection.endIfBothHalvesHave();
    }

    private static boolean isDisconnected(IOException failure) {
        return failure instanceof PollerException poller && poller.errno() == Errno.ENOTCONN;
    }

    /** Discards pending bytes. */
    void clear() {
        queue.clear();
    }
}
