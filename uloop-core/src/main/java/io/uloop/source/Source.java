package io.uloop.source;

import io.uloop.EventHandler;
import io.uloop.Uloop;
import io.uloop.poller.ClosedPollerException;
import io.uloop.poller.Descriptors;
import io.uloop.poller.Errno;
import io.uloop.poller.NativeDescriptors;
import io.uloop.poller.PollerException;
import io.uloop.poller.UEvent;
import java.io.Closeable;
import java.io.IOException;

/** A descriptor on a loop, and the resource that owns it. */
final class Source {
    private final Uloop loop;
    private final int fd;
    private final Closeable resource;
    private boolean joined;
    private volatile boolean closed;

    /**
     * Creates a source that is not registered yet.
     *
     * @param resource closes the descriptor
     */
    Source(Uloop loop, int fd, Closeable resource) {
        this.loop = loop;
        this.fd = fd;
        this.resource = resource;
    }

    /** Creates a source that owns its descriptor. */
    static Source owning(Uloop loop, int fd) {
        Descriptors descriptors = loop.descriptors();
        return new Source(loop, fd, () -> descriptors.close(fd));
    }

    /** Opens a descriptor. */
    @FunctionalInterface
    interface Opener {
        int open(NativeDescriptors descriptors) throws IOException;
    }

    /**
     * Opens a descriptor that only native backends support.
     *
     * @param what the kernel's name for it
     * @param instead what to use on other backends
     */
    static Source opened(Uloop loop, String what, String instead, Opener opener)
            throws IOException {
        try {
            return owning(loop, opener.open(NativeDescriptors.of(loop.provider())));
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

    NativeDescriptors nativeDescriptors() {
        return NativeDescriptors.of(loop.provider());
    }

    int fd() {
        return fd;
    }

    /**
     * Checks that this is open.
     *
     * @throws IllegalStateException if this is closed
     */
    void requireOpen() {
        if (closed) {
            throw new IllegalStateException("cannot use a closed source; open another one");
        }
    }

    boolean isOpen() {
        return !closed;
    }

    boolean isJoined() {
        return joined;
    }

    /** Registers the source for the first time. Closes everything on failure. */
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

    /**
     * Registers the source or changes its interest. Deregisters it if there is no interest left.
     */
    void watch(int interest, EventHandler handler) throws IOException {
        if (interest == UEvent.NONE) {
            leave();
        } else if (joined) {
            loop.modify(fd, interest);
        } else {
            join(interest, handler);
        }
    }

    /** Deregisters the source. Does nothing if it is not registered or the loop is closed. */
    void leave() throws IOException {
        if (!joined) {
            return;
        }
        try {
            if (loop.isOpen()) {
                loop.remove(fd);
            }
        } catch (PollerException e) {
            if (e.errno() != Errno.ENOENT) { // already deregistered by its number
                throw e;
            }
        } catch (ClosedPollerException e) {
            // Closed since the check. A closed loop has no registrations.
        }
        joined = false;
    }

    /**
     * Deregisters the source after a failure that is about to be thrown. Otherwise a descriptor
     * that cannot be read would be ready and fail in every turn.
     */
    void leaveAfter(Throwable failure) {
        try {
            leave();
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }

    /**
     * Deregisters and closes the source. Idempotent.
     *
     * @throws IllegalStateException if another thread runs the loop
     */
    void close() throws IOException {
        if (!closed) {
            loop.checkThread(); // even if it is not registered
            end();
        }
    }

    private void end() throws IOException {
        leave();
        closed = true;
        resource.close();
    }

    /**
     * Closes the source after a failure that is about to be thrown. Any thread may call this before
     * the source is registered.
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
