package io.uloop.connection;

import io.uloop.LoopTask;
import io.uloop.net.StreamChannel;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * The incoming half of a connection. It reads until the end of the stream unless paused. As a task,
 * {@link #run} continues to read.
 */
final class ConnectionInput implements LoopTask {
    /** Bounds the reads of one connection, so that a fast sender does not starve the others. */
    private static final int READS_PER_TURN = 4;

    /** With any of these, more may be available after a short read. */
    private static final int MORE =
            UEvent.PRI | UEvent.RDHUP | UEvent.HUP | UEvent.ERR | UEvent.NVAL;

    private final SocketConnection connection;
    private final StreamChannel channel;
    private final HandlerCalls calls;
    private final LoopBuffers buffers;
    private final Deadlines deadlines;
    private final boolean edge;
    private boolean reading = true;
    private boolean readable; // edge-triggered: bytes may be waiting that no event will report
    private boolean untilItBlocks; // edge-triggered: a short read no longer means drained
    private boolean ended;
    private boolean queued;

    ConnectionInput(
            SocketConnection connection,
            StreamChannel channel,
            HandlerCalls calls,
            LoopBuffers buffers,
            Deadlines deadlines,
            boolean edge) {
        this.connection = connection;
        this.channel = channel;
        this.calls = calls;
        this.buffers = buffers;
        this.deadlines = deadlines;
        this.edge = edge;
    }

    boolean isEnded() {
        return ended;
    }

    /** Returns the level-triggered interest of this half. */
    int interest() {
        return reading && !ended ? UEvent.IN : UEvent.NONE;
    }

    void pause() {
        reading = false;
        connection.updateInterest();
    }

    void resume() {
        reading = true;
        connection.updateInterest();
        readSoon();
    }

    void onEvent(int events) {
        if ((events & (UEvent.IN | MORE)) != 0) {
            untilItBlocks |= edge && (events & MORE) != 0;
            catchUp();
        }
    }

    /** Reads what an event might have reported by now. */
    void catchUp() {
        readable = true;
        readAvailable();
    }

    @Override
    public void run() {
        queued = false;
        try {
            readAvailable();
        } catch (VirtualMachineError e) {
            calls.contain(e);
        }
    }

    private void readAvailable() {
        for (int reads = 0; mayRead(); reads++) {
            if (reads == READS_PER_TURN) {
                readSoon();
                return;
            }
            ByteBuffer buffer;
            int count;
            try {
                buffer = buffers.receive();
                count = channel.read(buffer);
            } catch (IOException | RuntimeException | Error e) {
                connection.fail(e);
                return;
            }
            readable = count > 0 && (untilItBlocks || !buffer.hasRemaining());
            if (count < 0) {
                end();
            } else if (count > 0) {
                deadlines.moved();
                if (!connection.isClosing()) {
                    calls.received(buffer.flip());
                }
            }
        }
    }

    private boolean mayRead() {
        return readable && reading && !ended && !connection.isGone();
    }

    /**
     * Continues to read in the next turn. Level-triggered registrations get another event instead.
     */
    private void readSoon() {
        if (edge && !queued && mayRead()) {
            queued = true;
            connection.callSoon(this);
        }
    }

    private void end() {
        ended = true;
        connection.updateInterest();
        if (!connection.isClosing()) {
            calls.call(ConnectionHandler::inputClosed);
        }
        connection.endIfBothHalvesHave();
    }
}
