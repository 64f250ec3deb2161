package io.uloop.poller.tck.fuzz;

import io.uloop.poller.UEvent;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * One end of an open file, and what is known of it from everything that was done to it and its
 * peer: no kernel is asked. Descriptors share it when they are duplicates.
 *
 * <p>Two places are left open, because the kernels' own answers differ from "would not block": the
 * room in a buffer that was full and has been read from but not emptied, and that of a TCP socket
 * that was full, which empties by itself into the peer's.
 */
final class End {
    /** So many small writes fit into every kind of buffer. */
    private static final int ROOMY_WRITES = 16;

    /** The largest value of an eventfd; it counts without a sign. */
    static final long COUNTER_MAX = 0xffff_ffff_ffff_fffeL;

    private enum Room {
        PLENTY,
        FULL,
        SOME
    }

    final Kind kind;
    private final boolean reads;
    private final boolean writes;
    private @Nullable End peer;

    private int holders;
    private boolean gone;
    private int unread;
    private int unreadWrites;
    private boolean ended; // the peer will send no more
    private boolean shut; // we will send no more
    private boolean broken; // reset or hung up: reads and writes fail or end, at their choice
    private boolean resetsOnClose;
    private boolean refused; // a datagram met no receiver, and nobody was told yet
    private Room room = Room.PLENTY;
    private long counter;
    final Deque<End> backlog = new ArrayDeque<>();

    /** Counts what EDGE has to report as news: arrivals, and the times that it was found full. */
    private int inEdges;

    private int outEdges;

    /** Counts all changes. */
    private int version;

    /** The bits that were seen to have reached the kernel, so that a poll can find them. */
    private int visible;

    End(Kind kind, boolean reads, boolean writes) {
        this.kind = kind;
        this.reads = reads;
        this.writes = writes;
    }

    /** Makes the ends of one open file of a kind, one or two. */
    static End[] of(Kind kind) {
        if (kind.descriptors == 1) {
            return new End[] {new End(kind, true, true)};
        }
        End first = new End(kind, true, kind != Kind.PIPE);
        End second = new End(kind, kind != Kind.PIPE, true);
        first.peer = second;
        second.peer = first;
        return new End[] {first, second};
    }

    private End peer() {
        if (peer == null) {
            throw new IllegalStateException(kind + " has no peer");
        }
        return peer;
    }

    private boolean isAlone() {
        return peer != null && peer.gone;
    }

    boolean isBroken() {
        return broken;
    }

    boolean mayRead() {
        return reads && kind != Kind.LISTENER && kind != Kind.FILE;
    }

    boolean mayWrite() {
        return writes && kind != Kind.LISTENER && kind != Kind.FILE;
    }

    /** Whether a write may answer with an error. */
    boolean mayFailToWrite() {
        return broken || shut || refused || isAlone();
    }

    boolean isRefused() {
        return refused;
    }

    /** Whether a read of what is empty gives the end of the stream. */
    boolean isAtEnd() {
        return ended;
    }

    int unread() {
        return unread;
    }

    int unreadByPeer() {
        return peer().unread;
    }

    long counter() {
        return counter;
    }

    int version() {
        return version;
    }

    int edges(int bit) {
        return bit == UEvent.IN ? inEdges : outEdges;
    }

    /** Whether a read or accept would not block. */
    private Truth in() {
        return switch (kind) {
            case PIPE ->
                    reads ? Truth.of(unread > 0 || isAlone()) : isAlone() ? Truth.MAYBE : Truth.NO;
            case UNIX, TCP, PTY, UDP -> Truth.of(unread > 0 || ended || broken || refused);
            case LISTENER -> Truth.of(!backlog.isEmpty());
            case EVENTFD -> Truth.of(counter != 0);
            case FILE -> Truth.MAYBE;
        };
    }

    /** Whether a write would not block. */
    private Truth out() {
        return switch (kind) {
            case PIPE ->
                    writes ? isAlone() ? Truth.YES : room() : isAlone() ? Truth.MAYBE : Truth.NO;
            case TCP -> broken || shut ? Truth.YES : room();
            case UNIX -> broken || isAlone() ? Truth.YES : shutRoom();
            case PTY -> broken ? Truth.MAYBE : room();
            case UDP -> Truth.YES;
            case LISTENER -> Truth.NO;
            case EVENTFD -> Truth.of(counter != COUNTER_MAX);
            case FILE -> Truth.MAYBE;
        };
    }

    private Truth room() {
        return switch (room) {
            case PLENTY -> peer().unreadWrites < ROOMY_WRITES ? Truth.YES : Truth.MAYBE;
            case SOME -> Truth.MAYBE;
            case FULL -> kind == Kind.TCP ? Truth.MAYBE : Truth.NO;
        };
    }

    /** Linux calls a full unix-domain socket not writable although a write after shutdown fails. */
    private Truth shutRoom() {
        return shut && room != Room.PLENTY ? Truth.MAYBE : room();
    }

    /** The bits that an event must have if they are asked for. */
    int certain() {
        return bits(Truth.YES);
    }

    /** The bits that would be spurious. */
    int impossible() {
        return bits(Truth.NO);
    }

    private int bits(Truth truth) {
        return (in() == truth ? UEvent.IN : 0) | (out() == truth ? UEvent.OUT : 0);
    }

    /** The bits beside IN and OUT that may be reported now without being false. */
    int hints() {
        return switch (kind) {
            case PIPE -> isAlone() ? reads ? UEvent.HUP : UEvent.ERR : 0;
            case TCP, UNIX ->
                    (ended || broken ? UEvent.RDHUP : 0)
                            | (broken || (ended && shut) || (isAlone() && kind == Kind.UNIX)
                                    ? UEvent.HUP
                                    : 0)
                            | (broken ? UEvent.ERR : 0);
            case PTY -> broken ? UEvent.HUP | UEvent.ERR : 0;
            case UDP -> refused ? UEvent.ERR : 0;
            case LISTENER, EVENTFD, FILE -> 0;
        };
    }

    void held() {
        holders++;
    }

    /** One descriptor less; true if it was the last. */
    boolean released() {
        return --holders == 0;
    }

    void resetOnClose() {
        resetsOnClose = true;
    }

    /** Nobody has it any more. */
    void close() {
        gone = true;
        version++;
        for (End waiting : backlog) {
            waiting.resetOnClose();
            waiting.close();
        }
        End other = peer;
        if (other == null) {
            return;
        }
        boolean reset = unread > 0 && (kind == Kind.TCP || kind == Kind.UNIX);
        int before = other.certain();
        if (reset || (resetsOnClose && kind == Kind.TCP) || kind == Kind.PTY) {
            other.broken = true;
        } else if (kind != Kind.UDP) {
            other.ended = true;
        }
        other.changed(before);
    }

    /** Our last word has been said. */
    void shutdown() {
        if (!shut) {
            int ourBefore = certain();
            int peersBefore = peer().certain();
            shut = true;
            peer().ended = true;
            changed(ourBefore);
            peer().changed(peersBefore);
        }
    }

    /** A write was taken. */
    void wrote(int bytes) {
        End other = peer();
        version++;
        if (kind == Kind.UDP) {
            if (other.gone) {
                int before = certain();
                refused = true;
                changed(before);
                return;
            }
        } else if (other.gone && kind != Kind.PIPE) {
            int before = certain();
            broken = true; // a closed TCP socket answers by RST
            changed(before);
            return;
        }
        int before = other.certain();
        other.unread += kind == Kind.UDP ? 1 : bytes;
        other.unreadWrites++;
        other.arrived(before);
    }

    /** A write would have blocked. */
    void wasFull() {
        room = Room.FULL;
        outEdges++;
        version++;
        visible &= certain();
    }

    /** Bytes, or a datagram, were taken out. */
    void took(int amount) {
        version++;
        unread -= amount;
        End other = peer();
        int before = other.certain();
        if (unread <= 0) {
            unread = 0;
            unreadWrites = 0;
            other.room = Room.PLENTY;
        } else if (other.room == Room.FULL) {
            other.room = Room.SOME;
        }
        other.changed(before);
        visible &= ~UEvent.IN; // what is left may still be on its way
    }

    /** A read or write told of the refusal. */
    void toldOfRefusal() {
        refused = false;
        version++;
    }

    /** A read of a broken end told its end: what had not been read is lost. */
    void toldOfEnd() {
        unread = 0;
        version++;
    }

    /** The value of an eventfd has changed. */
    void count(long value) {
        int before = certain();
        boolean grown = Long.compareUnsigned(value, counter) > 0;
        counter = value;
        if (grown) {
            arrived(before);
        } else {
            changed(before);
        }
        if (value == COUNTER_MAX) {
            outEdges++;
        }
    }

    /** A connection was made to a listener; the end that will be accepted. */
    void queued(End connection) {
        int before = certain();
        backlog.add(connection);
        arrived(before);
    }

    End accepted() {
        version++;
        visible &= ~UEvent.IN;
        return backlog.remove();
    }

    /** Each arrival is news where it is there at once; else only the first is told apart surely. */
    private void arrived(int certainBefore) {
        if (!kind.isDeferred && (certainBefore & UEvent.IN) != 0) {
            inEdges++;
        }
        changed(certainBefore);
    }

    private void changed(int certainBefore) {
        version++;
        if ((certain() & ~certainBefore & UEvent.IN) != 0) {
            inEdges++;
        }
        visible &= certain();
    }

    /** The bits that have yet to be seen to reach the kernel. */
    int onTheWay() {
        return kind.isDeferred ? certain() & ~visible : 0;
    }

    void seenToArrive() {
        visible = certain();
    }
}
