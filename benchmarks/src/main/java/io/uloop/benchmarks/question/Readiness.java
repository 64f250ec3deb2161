package io.uloop.benchmarks.question;

import io.uloop.poller.EventSink;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A library's way to learn which sockets are ready, and its I/O. Sockets have numbers that the
 * library chooses. Interests and events are bits of {@link io.uloop.poller.UEvent}.
 *
 * <p>Not thread-safe: call from the benchmark's thread.
 */
interface Readiness extends AutoCloseable {
    /**
     * Opens a datagram socket.
     *
     * @param ready whether it has a datagram, which nobody reads
     */
    int datagram(boolean ready) throws IOException;

    /** Opens two connected unix-domain stream sockets. */
    Pair pair() throws IOException;

    /** Opens a unix-domain socket for listening, at most one. */
    int listener() throws IOException;

    /** Opens a connection to the listener. */
    int connect() throws IOException;

    /** Accepts a pending connection. */
    int accept(int listener) throws IOException;

    void close(int socket) throws IOException;

    void add(int socket, int interest) throws IOException;

    void modify(int socket, int interest) throws IOException;

    void remove(int socket) throws IOException;

    /** Polls without waiting. Returns the number of events. */
    int poll(EventSink sink) throws IOException;

    /** Reads bytes. Returns their number, 0 or less if there are none. */
    int read(int socket, ByteBuffer target) throws IOException;

    /** Writes bytes. Returns their number, 0 or less if there is no space. */
    int write(int socket, ByteBuffer source) throws IOException;

    /** Closes everything, including the sockets. */
    @Override
    void close() throws IOException;
}
