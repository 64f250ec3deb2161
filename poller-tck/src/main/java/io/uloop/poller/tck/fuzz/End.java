package io.uloop.poller.tck.fuzz;

import io.uloop.poller.UEvent;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The model of one end of an open file. It is derived only from the operations on the end and its
 * peer, without calls to a kernel. Duplicate descriptors share an end.
 *
 * <p>The space in a buffer is unknown in two cases, in which kernels differ: after a full buffer
 * was partly read, and in a full TCP socket, which drains into the buffer of its peer.
 */
final class End {
    /** A number of small writes that fits into every kind of buffer. */
    private static final int ROOMY_WRITES = 16;

    /** The maximum size of a small write. */
    private static final int SMALL_BYTES = 1000;

    /** The largest value of an eventfd, as an unsigned number. */
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
    private boolean ended; // the peer has ended its output
    private boolean shut; // this end has ended its output
    private boolean broken; // reset or hung up: reads and writes may fail or end
    private boolean resetsOnClose;
    private boolean refused; // a datagram found no receiver, and the error is not yet reported
    private Room room = Room.PLENTY;
    private long counter;

    /** The unread bytes of a stream. */
    final ByteQueue content = new ByteQueue();

    /** The sizes of the unread datagrams. */
    private final List<Integer> datagrams = new ArrayList<>();

    final Deque<End> backlog = new ArrayDeque<>();

    /** Counts what EDGE must report as new: arrivals, and the times that the buffer was full. */
    private int inEdges;

    private int outEdges;

    /** The number of changes. */
    private int version;

    /** The conditions that have visibly taken effect, so that a poll must find them. */
    private int visible;

    End(Kind kind, boolean reads, boolean writes) {
        this.kind = kind;
        this.reads = reads;
        this.writes = writes;
    }

    /** Creates the one or two ends of an open file. */
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

    /** Returns whether a write may fail. */
    boolean mayFailToWrite() {
        return broken || shut || refused || isAlone();
    }

    boolean isRefused() {
        return refused;
    }

    /** Returns whether a read of an empty buffer reports end of stream. */
    boolean isAtEnd() {
        return ended;
    }

    int unread() {
        return unread;
    }

    /** Returns whether one of the unread datagrams is empty. */
    boolean hasEmptyDatagram() {
        return datagrams.contains(0);
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

    /** Returns whether a read or accept would not block. */
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

    /** Returns whether a write would not block. */
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

    /**
     * Linux reports a full unix-domain socket as not writable even if a shutdown makes writes fail.
     */
    private Truth shutRoom() {
        return shut && room != Room.PLENTY ? Truth.MAYBE : room();
    }

    /** Returns the bits that an event must have if the interest includes them. */
    int certain() {
        return bits(Truth.YES);
    }

    /** Returns the bits that would be spurious. */
    int impossible() {
        return bits(Truth.NO);
    }

    private int bits(Truth truth) {
        return (in() == truth ? UEvent.IN : 0) | (out() == truth ? UEvent.OUT : 0);
    }

    /** Returns the bits other than IN and OUT that would be true now. */
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

    /** Releases a descriptor. Returns true if it was the last one. */
    boolean released() {
        return --holders == 0;
    }

    void resetOnClose() {
        resetsOnClose = true;
    }

    /** Closes the end, after its last descriptor was released. */
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

    /** Ends the output. */
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

    /** Records a write of the remaining bytes of a buffer. */
    void wrote(ByteBuffer written) {
        End other = peer();
        int ownBefore = certain();
        version++;
        if (other.gone && kind != Kind.PIPE) {
            if (kind == Kind.UDP) {
                refused = true;
            } else {
                broken = true; // a closed TCP socket answers with RST
            }
            changed(ownBefore);
            return;
        }
        int before = other.certain();
        if (kind == Kind.UDP) {
            other.unread++;
            other.datagrams.add(written.remaining());
        } else {
            other.unread += written.remaining();
            other.content.add(written);
        }
        other.unreadWrites++;
        if (room == Room.PLENTY && written.remaining() > SMALL_BYTES) {
            room = Room.SOME;
        }
        visible &= certain();
        other.arrived(before);
    }

    /** Records that a write was short or would have blocked. */
    void wasFull() {
        room = Room.FULL;
        outEdges++;
        version++;
        visible &= certain();
    }

    /**
     * Records that a datagram was read.
     *
     * @return false if no unread datagram has this size. The order is not checked
     */
    boolean tookDatagram(int bytes) {
        boolean removed = datagrams.remove((Integer) bytes);
        if (removed) {
            took(1);
        }
        return removed;
    }

    /** Records that bytes, or one datagram, were read. */
    void took(int amount) {
        version++;
        unread -= amount;
        if (kind != Kind.UDP) {
            content.remove(amount);
        }
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
        visible &= ~UEvent.IN; // the rest may not have arrived yet
    }

    /** Records a short read. Unread bytes have not arrived yet and will be news. */
    void wasEmpty() {
        if (unread > 0) {
            inEdges++;
            version++;
        }
    }

    /** Records that a read or write reported the refusal. */
    void toldOfRefusal() {
        refused = false;
        version++;
    }

    /** Records that a read of a broken end reported its end. Unread data is lost. */
    void toldOfEnd() {
        unread = 0;
        content.clear();
        version++;
    }

    /** Records a new value of an eventfd. */
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

    /** Records a connection to a listener. The argument is the end that will be accepted. */
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

    /**
     * Counts an edge per arrival. If delivery is deferred, only the first arrival surely causes
     * one.
     */
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

    /** Returns the certain bits that have not visibly taken effect yet. */
    int onTheWay() {
        return kind.isDeferred ? certain() & ~visible : 0;
    }

    void seenToArrive() {
        visible = certain();
    }
}
