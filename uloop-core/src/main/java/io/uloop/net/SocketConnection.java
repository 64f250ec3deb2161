package io.uloop.net;

import io.uloop.EventHandler;
import io.uloop.Uloop;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A plain connection.
 *
 * <p>Where edges tell everything it registers once, for all of it, and remembers what it has not
 * used up; elsewhere it asks for what it wants and changes that. As a task, {@link #run}, it does
 * what may not happen inside a call of the user's: reading on, and telling of the end.
 */
final class SocketConnection implements Connection, EventHandler, Runnable {
    static final System.Logger LOGGER = System.getLogger("io.uloop.net");

    /** So that a peer that sends without end leaves the others their turn. */
    private static final int READS_PER_TURN = 4;

    /** With any of these there may be something behind a read that comes up short. */
    private static final int MORE =
            UEvent.PRI | UEvent.RDHUP | UEvent.HUP | UEvent.ERR | UEvent.NVAL;

    /** One of the handler's methods. */
    @FunctionalInterface
    interface Callback {
        void call(ConnectionHandler handler, Connection connection) throws Exception;
    }

    private final Uloop loop;
    private final StreamChannel channel;
    private final ConnectionHandler handler;
    private final ConnectionOptions options;
    private final LoopBuffers buffers;
    private final WriteQueue output;
    private final Deadlines deadlines;
    private final boolean edge;

    private int interest;
    private boolean reading = true;
    private boolean readable; // with edges: something may be there that no event will tell of
    private boolean untilItBlocks; // with edges: a read that comes up short says nothing any more
    private boolean inputEnded;
    private boolean outputEnded; // by the user; sent once the queue is empty
    private boolean finished; // and it is sent
    private boolean closing;
    private boolean gone;
    private boolean told;
    private boolean queued; // as a task, to read on
    private @Nullable Throwable cause;
    private @Nullable Exception thrown; // by the handler, first

    SocketConnection(StreamChannel channel, ConnectionOptions options, ConnectionHandler handler) {
        this.channel = channel;
        this.options = options;
        this.handler = handler;
        loop = channel.loop();
        buffers = LoopBuffers.of(loop);
        output = new WriteQueue(channel, buffers, options);
        deadlines = new Deadlines(this, options);
        // A unix-domain socket's read comes up short at passed descriptors; no edge tells of what
        // is behind, the level does.
        interest = channel instanceof TcpChannel ? StreamChannel.interestOn(loop) : UEvent.IN;
        edge = (interest & UEvent.EDGE) != 0;
    }

    /** Joins the loop and tells the handler how that went. */
    SocketConnection start() {
        checkThread();
        try {
            if (options.noDelay() && channel instanceof TcpChannel) {
                channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            }
            channel.register(interest, this);
        } catch (IOException e) {
            gone = true;
            told = true;
            channel.closeAfter(e);
            handler.openFailed(e);
            return this;
        }
        deadlines.start();
        tell(ConnectionHandler::opened);
        return this;
    }

    @Override
    public void processEvent(int fd, int events) {
        if ((events & UEvent.OUT) != 0) {
            flush();
        }
        if ((events & (UEvent.IN | MORE)) != 0) {
            readable = true;
            untilItBlocks |= edge && (events & MORE) != 0;
            readAvailable();
        }
    }

    @Override
    public void run() {
        if (!gone) {
            queued = false;
            readAvailable();
        } else if (!told) {
            told = true;
            tellEnd();
        }
    }

    /** Does what an event might have told by now. */
    void catchUp() {
        flush();
        readable = true;
        readAvailable();
    }

    boolean isGone() {
        return gone;
    }

    @Override
    public boolean write(ByteBuffer source) {
        checkWrite();
        boolean wasEmpty = output.isEmpty();
        try {
            if (!gone) {
                written(output.write(source), wasEmpty);
            }
        } catch (IOException e) {
            end(e, false);
        }
        source.position(source.limit()); // dropped if that failed
        return isWritable();
    }

    @Override
    public boolean write(ByteBuffer[] sources, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, sources.length);
        checkWrite();
        boolean wasEmpty = output.isEmpty();
        try {
            if (!gone) {
                written(output.write(sources, offset, length), wasEmpty);
            }
        } catch (IOException e) {
            end(e, false);
        }
        for (int i = offset; i < offset + length; i++) {
            sources[i].position(sources[i].limit());
        }
        return isWritable();
    }

    @Override
    public boolean isWritable() {
        return !output.isFull() && !gone && !outputEnded;
    }

    @Override
    public long pendingBytes() {
        return output.bytes();
    }

    @Override
    public void pauseReading() {
        checkThread();
        if (!closing) {
            reading = false;
            updateInterest();
        }
    }

    @Override
    public void resumeReading() {
        checkThread();
        reading = true;
        updateInterest();
        readSoon();
    }

    @Override
    public void shutdownOutput() {
        checkThread();
        if (!outputEnded) {
            outputEnded = true;
            finish();
        }
    }

    @Override
    public void close() {
        checkThread();
        if (closing || gone) {
            return;
        }
        closing = true;
        if (!loop.isOpen()) {
            outputEnded = true;
            end(null, !output.isEmpty());
            return;
        }
        deadlines.closing();
        resumeReading(); // to the end of the stream
        shutdownOutput();
    }

    @Override
    public void abort() {
        checkThread();
        outputEnded = true;
        end(null, true);
    }

    /** Says what the end is due to, before it is brought about; what is said first counts. */
    void blame(@Nullable Throwable reason) {
        if (cause == null) {
            cause = reason;
        } else if (reason != null && reason != cause) {
            cause.addSuppressed(reason);
        }
    }

    @Override
    public boolean isOpen() {
        return !closing && !gone;
    }

    @Override
    public Uloop loop() {
        return loop;
    }

    @Override
    public @Nullable SocketAddress localAddress() throws IOException {
        return channel.getLocalAddress();
    }

    @Override
    public @Nullable SocketAddress remoteAddress() throws IOException {
        return channel.getRemoteAddress();
    }

    @Override
    public <T> void setOption(SocketOption<T> option, T value) throws IOException {
        channel.setOption(option, value);
    }

    @Override
    public String toString() {
        String state = gone ? ", closed" : closing ? ", closing" : "";
        return "Connection[fd=" + channel.fd() + ", pending=" + output.bytes() + state + ']';
    }

    void closeTimedOut() {
        if (output.isEmpty()) {
            end(null, false);
        } else {
            end(new SocketTimeoutException(notTaken() + " until the close timed out"), true);
        }
    }

    void writeTimedOut(long nanos) {
        end(new SocketTimeoutException(notTaken() + " for " + Duration.ofNanos(nanos)), true);
    }

    void idleTimedOut(long nanos) {
        String message = this + ": no byte moved for " + Duration.ofNanos(nanos);
        end(new SocketTimeoutException(message), !output.isEmpty());
    }

    private String notTaken() {
        return this + ": the peer took none of the pending bytes";
    }

    // Input

    private void readAvailable() {
        for (int reads = 0; mayRead(); reads++) {
            if (reads == READS_PER_TURN) {
                readSoon();
                return;
            }
            ByteBuffer buffer = buffers.receive();
            int count;
            try {
                count = channel.read(buffer);
            } catch (IOException e) {
                end(e, false);
                return;
            }
            readable = count > 0 && (untilItBlocks || !buffer.hasRemaining());
            if (count > 0) {
                deadlines.moved();
                receive(buffer.flip());
            } else if (count < 0) {
                endInput();
            }
        }
    }

    private boolean mayRead() {
        return readable && reading && !inputEnded && !gone;
    }

    /** Where a level is reported, the next wait does that. */
    private void readSoon() {
        if (edge && !queued && mayRead()) {
            queued = true;
            soon();
        }
    }

    private void receive(ByteBuffer data) {
        if (closing) {
            return;
        }
        try {
            handler.received(this, data);
        } catch (Exception e) {
            fail(e);
        } catch (Error e) {
            blame(e);
            abort();
            throw e;
        }
    }

    private void endInput() {
        inputEnded = true;
        updateInterest();
        if (!closing) {
            tell(ConnectionHandler::inputClosed);
        }
        if (finished) {
            end(null, false);
        }
    }

    // Output

    private void written(long bytes, boolean wasEmpty) {
        if (bytes > 0) {
            deadlines.moved();
        }
        if (wasEmpty && !output.isEmpty()) {
            deadlines.blocked();
            updateInterest();
        }
    }

    private void flush() {
        if (gone || output.isEmpty()) {
            return;
        }
        boolean wasFull = output.isFull();
        try {
            if (output.flush() > 0) {
                deadlines.taken();
            }
        } catch (IOException e) {
            end(e, false);
            return;
        }
        updateInterest();
        if (outputEnded) {
            finish();
        } else if (wasFull && !output.isFull()) {
            tell(ConnectionHandler::writable);
        }
    }

    /** Sends the end of the stream if nothing waits before it. */
    private void finish() {
        if (gone || finished || !output.isEmpty()) {
            return;
        }
        try {
            channel.shutdownOutput();
        } catch (IOException e) {
            end(e, false); // ENOTCONN: the peer has reset it
            return;
        }
        finished = true;
        if (inputEnded) {
            end(null, false);
        }
    }

    // Ends

    /** Calls the handler in a later turn. */
    void tellSoon(Callback callback) {
        loop.callSoon(() -> tell(callback));
    }

    /** Calls the handler; what it throws aborts this. */
    void tell(Callback callback) {
        try {
            if (!gone) {
                callback.call(handler, this);
            }
        } catch (Exception e) {
            fail(e);
        } catch (Error e) {
            blame(e);
            abort();
            throw e;
        }
    }

    private void fail(Exception failure) {
        if (thrown == null) {
            thrown = failure;
        }
        if (!gone) {
            blame(failure);
            abort();
        }
    }

    /** The only way out: leaves the loop, closes, and has the handler told in the next turn. */
    private void end(@Nullable Throwable reason, boolean reset) {
        if (gone) {
            return;
        }
        gone = true;
        blame(reason);
        deadlines.cancel();
        output.clear();
        try (channel) {
            if (reset && channel instanceof TcpChannel) {
                channel.setOption(StandardSocketOptions.SO_LINGER, 0);
            }
        } catch (IOException e) {
            blame(e);
        }
        soon();
    }

    /** The last call; then the loop gets what the handler has thrown, to log and report it. */
    private void tellEnd() {
        Exception failure = thrown;
        try {
            handler.closed(this, cause);
        } catch (Exception e) {
            if (failure == null) {
                failure = e;
            } else if (failure != e) {
                failure.addSuppressed(e);
            }
        }
        if (failure != null) {
            SocketConnection.<RuntimeException>raise(failure);
        }
    }

    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    private static <E extends Exception> void raise(Exception failure) throws E {
        throw (E) failure; // a task of the loop may throw anything, though Runnable does not say so
    }

    private void soon() {
        if (loop.isOpen()) {
            loop.callSoon(this);
        } else {
            run(); // nobody else will
        }
    }

    private void updateInterest() {
        if (edge || gone) {
            return;
        }
        int wanted =
                (reading && !inputEnded ? UEvent.IN : UEvent.NONE)
                        | (output.isEmpty() ? UEvent.NONE : UEvent.OUT);
        if (wanted == interest) {
            return;
        }
        try {
            channel.modify(wanted);
            interest = wanted;
        } catch (IOException e) {
            end(e, true);
        }
    }

    private void checkWrite() {
        checkThread();
        if (outputEnded) {
            throw new IllegalStateException(
                    this + " is written to after its shutdownOutput, close or abort");
        }
    }

    /** Throws on a thread that has no business here. */
    void checkThread() {
        loop.checkThread();
    }
}
