package io.uloop.source;

import io.uloop.EventHandler;
import io.uloop.Uloop;
import io.uloop.poller.ClosedPollerException;
import io.uloop.poller.Descriptors;
import io.uloop.poller.PollerException;
import io.uloop.poller.UEvent;
import java.io.Closeable;
import java.io.IOException;

/** One descriptor on one loop, and what is closed with it. */
final class Source {
    private final Uloop loop;
    private final int fd;
    private final Closeable resource;
    private boolean joined;
    private volatile boolean closed;

    /**
     * @param resource what closes the descriptor
     */
    Source(Uloop loop, int fd, Closeable resource) {
        this.loop = loop;
        this.fd = fd;
        this.resource = resource;
    }

    /** A descriptor that nobody else closes. */
    static Source owning(Uloop loop, int fd) {
        Descriptors descriptors = loop.descriptors();
        return new Source(loop, fd, () -> descriptors.close(fd));
    }

    /** Opens a descriptor. */
    @FunctionalInterface
    interface Opener {
        int open() throws IOException;
    }

    /**
     * Opens a descriptor that not every backend has.
     *
     * @param what the kernel's name of it
     * @param instead what to do where there is none
     */
    static Source opened(Uloop loop, String what, String instead, Opener opener)
            throws IOException {
        try {
            return owning(loop, opener.open());
        } catch (UnsupportedOperationException e) {
            throw new UnsupportedOperationException(
                    "the backend " + loop.provider().name() + " has no " + what + "; " + instead,
                    e);
        }
    }

    Uloop loop() {
        return loop;
    }

    Descriptors descriptors() {
        return loop.descriptors();
    }

    int fd() {
        return fd;
    }

    /**
     * @throws IllegalStateException once closed
     */
    void requireOpen() {
        if (closed) {
            throw new IllegalStateException("closed; open another one");
        }
    }

    boolean isOpen() {
        return !closed;
    }

    boolean isJoined() {
        return joined;
    }

    /** Joins the loop for the first time; closes everything if it cannot. */
    void joinOrClose(int interest, EventHandler handler) throws IOException {
        try {
            join(interest, handler);
        } catch (IOException | RuntimeException e) {
            closeAfter(e);
            throw e;
        }
    }

    private void join(int interest, EventHandler handler) throws IOException {
        loop.add(fd, interest, handler);
        joined = true;
    }

    /** Joins the loop, asks it for something else, or leaves it if for nothing. */
    void watch(int interest, EventHandler handler) throws IOException {
        if (interest == UEvent.NONE) {
            leave();
        } else if (joined) {
            loop.modify(fd, interest);
        } else {
            join(interest, handler);
        }
    }

    /** Leaves the loop; nothing if not joined or if the loop is closed. */
    void leave() throws IOException {
        if (!joined) {
            return;
        }
        try {
            if (loop.isOpen()) {
                loop.remove(fd);
            }
        } catch (PollerException e) {
            if (!e.errno().equals("ENOENT")) { // removed by its number, which is what is wanted
                throw e;
            }
        } catch (ClosedPollerException e) {
            // Closed since the question: a closed loop watches nothing, there is nothing to leave.
        }
        joined = false;
    }

    /**
     * Leaves the loop because of a failure, which stays what the caller gets: a descriptor that
     * cannot be read would be ready, and fail, for ever.
     */
    void leaveAfter(Throwable failure) {
        try {
            leave();
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }

    /**
     * Leaves the loop, then closes; nothing the second time.
     *
     * @throws IllegalStateException if another thread runs the loop
     */
    void close() throws IOException {
        if (!closed) {
            loop.checkThread(); // also where there is nothing to leave
            end();
        }
    }

    private void end() throws IOException {
        leave();
        closed = true;
        resource.close();
    }

    /**
     * Closes because of a failure, which stays what the caller gets; on any thread what has not
     * joined the loop.
     */
    void closeAfter(Throwable failure) {
        try {
            if (!closed) {
                end();
            }
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }

    String describe(String type) {
        return type + "[fd=" + fd + (closed ? ", closed" : "") + ']';
    }
}
