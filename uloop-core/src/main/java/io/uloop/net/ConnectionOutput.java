package io.uloop.net;

import io.uloop.poller.PollerException;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * The outgoing half of a connection: what waits to be sent, and the end of the stream behind it.
 */
final class ConnectionOutput {
    private final SocketConnection connection;
    private final StreamChannel channel;
    private final HandlerCalls calls;
    private final WriteQueue queue;
    private final Deadlines deadlines;
    private boolean ended; // by the user; sent once the queue is empty
    private boolean finished; // and it is sent

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

    /** Whether nothing may be written any more. */
    boolean isEnded() {
        return ended;
    }

    /** Whether the end of the stream has been sent. */
    boolean isFinished() {
        return finished;
    }

    long pendingBytes() {
        return queue.bytes();
    }

    /** What it waits for where the level is reported. */
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

    /** Sends what waits, as far as the kernel takes it. */
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

    /** Ends the stream behind what waits. */
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
            // The peer is gone, which ends this direction too. Unless it had ended its own before,
            // what came before the reset is still to be read, and then the reset itself.
        }
        finished = true;
        connection.endIfBothHalvesHave();
    }

    private static boolean isDisconnected(IOException failure) {
        return failure instanceof PollerException poller && poller.errno().equals("ENOTCONN");
    }

    /** Throws away what waits. */
    void clear() {
        queue.clear();
    }
}
