package io.uloop.poller.kqueue;

import io.uloop.poller.UEvent;
import io.uloop.poller.posix.file.FileIdentity;
import io.uloop.poller.spi.Registrations;
import java.util.Arrays;

/**
 * Merges the events of one wait by registration, because kqueue reports each filter separately. An
 * entry holds the filters that fired and their flags. {@link #toEvents} converts them to events.
 * Not thread-safe: call from the loop's thread.
 */
final class KqueueBatch {
    static final int READ = KqueueFilters.READ;
    static final int WRITE = KqueueFilters.WRITE;
    static final int READ_EOF = 1 << 2;
    static final int WRITE_EOF = 1 << 3;
    static final int FAILED = 1 << 4;

    private long[] tokens = new long[64];
    private int[] fired = new int[64];
    private int size;

    /** Maps a descriptor to the index of its latest entry + 1, or 0. */
    private int[] places = new int[64];

    void add(long token, int bits) {
        int fd = Registrations.fd(token);
        if (fd >= places.length) {
            places = Arrays.copyOf(places, Math.max(fd + 1, places.length * 2));
        }
        int place = places[fd] - 1;
        if (place >= 0 && tokens[place] == token) {
            fired[place] |= bits;
            return;
        }
        if (size == tokens.length) {
            tokens = Arrays.copyOf(tokens, size * 2);
            fired = Arrays.copyOf(fired, size * 2);
        }
        tokens[size] = token;
        fired[size++] = bits;
        places[fd] = size;
    }

    int size() {
        return size;
    }

    long token(int index) {
        return tokens[index];
    }

    int fired(int index) {
        return fired[index];
    }

    void clear() {
        for (int i = 0; i < size; i++) {
            places[Registrations.fd(tokens[i])] = 0;
        }
        size = 0;
    }

    /** {@return the bits of an event, from {@code kevent(2)}'s filter, flags and fflags} */
    static int bits(int filter, int flags, int fflags) {
        boolean read = filter == KqueueCalls.EVFILT_READ;
        int bits = read ? READ : WRITE;
        if ((flags & KqueueCalls.EV_EOF) != 0) {
            bits |= read ? READ_EOF : WRITE_EOF;
            if (fflags != 0) {
                bits |= FAILED; // the socket has a pending error
            }
        }
        return (flags & KqueueCalls.EV_ERROR) != 0 ? bits | FAILED : bits;
    }

    /**
     * Converts the bits of an entry to events. On a socket, the end of the incoming direction does
     * not affect the outgoing one. If only the outgoing direction has ended, it was shut down
     * locally, which is not reported. On any other file, an end means that the other side has
     * closed it, which is an error for the writer of a pipe.
     */
    static int toEvents(int fired, FileIdentity.Kind kind) {
        boolean readEnded = (fired & READ_EOF) != 0;
        boolean writeEnded = (fired & WRITE_EOF) != 0;
        int events = (fired & FAILED) != 0 ? UEvent.ERR : UEvent.NONE;
        if ((fired & READ) != 0) {
            events |= UEvent.IN;
        }
        if ((fired & WRITE) != 0) {
            events |= UEvent.OUT;
        }
        if (kind == FileIdentity.Kind.SOCKET) {
            if (readEnded) {
                events |= writeEnded ? UEvent.RDHUP | UEvent.HUP : UEvent.RDHUP;
            }
            return events;
        }
        if (readEnded) {
            events |= UEvent.HUP;
        }
        if (writeEnded) {
            events |= kind == FileIdentity.Kind.PIPE ? UEvent.ERR : UEvent.HUP;
        }
        return events;
    }
}
