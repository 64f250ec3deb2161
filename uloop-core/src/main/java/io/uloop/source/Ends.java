package io.uloop.source;

import io.uloop.poller.Descriptors;
import java.io.Closeable;
import java.io.IOException;

/** The descriptor of a source, and the other end that the source may hold open. */
final class Ends implements Closeable {
    private final Descriptors io;
    private final int fd;
    private int held = Descriptors.NONE;

    Ends(Descriptors io, int fd) {
        this.io = io;
        this.fd = fd;
    }

    boolean isHolding() {
        return held != Descriptors.NONE;
    }

    /** Takes over the other end. */
    void hold(int other) {
        held = other;
    }

    /** Passes the other end to the ends of another source. */
    void passTo(Ends next) {
        next.held = held;
        held = Descriptors.NONE;
    }

    /** Closes the other end. Idempotent. */
    void release() throws IOException {
        int other = held;
        held = Descriptors.NONE;
        if (other != Descriptors.NONE) {
            io.close(other);
        }
    }

    @Override
    public void close() throws IOException {
        try {
            io.close(fd);
        } finally {
            release();
        }
    }
}
