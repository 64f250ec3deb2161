package io.uloop;

import io.uloop.poller.Descriptors;
import io.uloop.poller.EventSink;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.util.Arrays;
import java.util.BitSet;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Finds descriptors that keep a processor busy for nothing: ready in every turn, while their
 * handler moves nothing. Most turns do not know of it: after {@link #REST_TURNS} of them that were
 * quick, which says that the loop hardly waits, it takes the events of {@link #AUDIT_TURNS} turns
 * on their way to the loop.
 *
 * <p>A descriptor that was ready in each audited turn for the threshold is judged by the calls on
 * it that moved something in all that time: less than one in {@link #TURNS_PER_MOVE} turns is a
 * spin. So one that is read now and then while its output is never waited for is found as well.
 */
final class SpinWatch implements EventSink {
    private static final int REST_TURNS = 4096;
    private static final int AUDIT_TURNS = 256;
    private static final int TURNS_PER_MOVE = 64;
    private static final long QUICK_NANOS = TimeUnit.SECONDS.toNanos(4);
    private static final long SILENCE_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final Uloop loop;
    private final Descriptors descriptors;
    private final long thresholdNanos;
    private final EventSink sink;
    private final BitSet edges = new BitSet();
    private final BitSet unseen = new BitSet();
    private @Nullable Suspect[] suspects = new Suspect[64];
    private long now;
    private long restStart = System.nanoTime();
    private long turn;
    private long audit;
    private int turnsLeft = REST_TURNS;
    private boolean auditing;

    /** What is known of one descriptor since it began to be ready in every audited turn. */
    private static final class Suspect {
        long sinceNanos;
        long sinceTurn;
        int sinceActivity;
        long lastAudit = -1;
        int audits;
        boolean warned;
        long warnedNanos;
    }

    SpinWatch(Uloop loop, Descriptors descriptors, long thresholdNanos, EventSink sink) {
        this.loop = loop;
        this.descriptors = descriptors;
        this.thresholdNanos = thresholdNanos;
        this.sink = sink;
    }

    /** Who gets the events of the turn that begins. */
    EventSink turnBegins(long turnNow) {
        turn++;
        if (--turnsLeft == 0) {
            changePhase(turnNow);
        }
        if (!auditing) {
            return sink;
        }
        audit++;
        now = turnNow;
        return this;
    }

    private void changePhase(long turnNow) {
        if (!auditing && turnNow - restStart < QUICK_NANOS) {
            auditing = true;
            turnsLeft = AUDIT_TURNS;
            return;
        }
        if (!auditing) {
            audit++; // an audit that nobody was ready in: all begin anew
        }
        auditing = false;
        turnsLeft = REST_TURNS;
        restStart = turnNow;
    }

    /** A descriptor is added: its handler does I/O where it is seen. */
    void added(int fd, int interest) {
        if (fd < suspects.length) {
            suspects[fd] = null;
        }
        unseen.clear(fd);
        edges.set(fd, (interest & UEvent.EDGE) != 0);
    }

    /** It is a channel of the JDK, whose I/O is not seen. */
    void exempt(int fd) {
        unseen.set(fd);
    }

    /** Its handler has done something, so it begins anew. */
    void modified(int fd, int interest) {
        edges.set(fd, (interest & UEvent.EDGE) != 0);
        Suspect suspect = fd < suspects.length ? suspects[fd] : null;
        if (suspect != null) {
            suspect.lastAudit = -1;
        }
    }

    @Override
    public void onEvent(int fd, int events) {
        // Ready on an edge is news each time, whether it is read or not.
        if (!edges.get(fd) && !unseen.get(fd)) {
            audit(suspect(fd), fd, events);
        }
        sink.onEvent(fd, events);
    }

    private Suspect suspect(int fd) {
        if (fd >= suspects.length) {
            suspects = Arrays.copyOf(suspects, Math.max(fd + 1, suspects.length * 2));
        }
        Suspect suspect = suspects[fd];
        if (suspect == null) {
            suspect = new Suspect();
            suspects[fd] = suspect;
        }
        return suspect;
    }

    private void audit(Suspect suspect, int fd, int events) {
        if (suspect.lastAudit != audit - 1) {
            begin(suspect, fd);
        } else if (++suspect.audits >= AUDIT_TURNS && now - suspect.sinceNanos >= thresholdNanos) {
            judge(suspect, fd, events);
            begin(suspect, fd);
        }
        suspect.lastAudit = audit;
    }

    private void begin(Suspect suspect, int fd) {
        suspect.sinceNanos = now;
        suspect.sinceTurn = turn;
        suspect.sinceActivity = descriptors.activity(fd);
        suspect.audits = 0;
    }

    private void judge(Suspect suspect, int fd, int events) {
        long turns = turn - suspect.sinceTurn;
        int moves = (descriptors.activity(fd) - suspect.sinceActivity) & Integer.MAX_VALUE;
        boolean silent = suspect.warned && now - suspect.warnedNanos < SILENCE_NANOS;
        if (moves >= turns / TURNS_PER_MOVE || silent) {
            return;
        }
        suspect.warned = true;
        suspect.warnedNanos = now;
        long millis = TimeUnit.NANOSECONDS.toMillis(now - suspect.sinceNanos);
        Log.warning(
                loop.name()
                        + " spins: fd="
                        + fd
                        + " ("
                        + kind(fd)
                        + ") was ready turn after turn, "
                        + turns
                        + " of them in "
                        + millis
                        + " ms, now with "
                        + UEvent.toString(events)
                        + ", while "
                        + moves
                        + " reads, writes and accepts on it moved anything; handler "
                        + Callbacks.className(loop.handler(fd))
                        + " "
                        + advice(events),
                null);
    }

    private static String advice(int events) {
        if ((events & UEvent.IN) != 0) {
            return "must read (or accept) until there is no more, remove the descriptor at the end"
                    + " of the stream, or take IN out of its interest by modify while it cannot,"
                    + " as when accept fails with EMFILE";
        }
        if ((events & UEvent.OUT) != 0) {
            return "must take OUT out of the interest by modify while it has nothing to write";
        }
        return "must remove the descriptor and close it: its peer has hung up or it has failed";
    }

    private String kind(int fd) {
        try {
            return "socket " + descriptors.localAddress(fd);
        } catch (IOException | RuntimeException e) {
            return "no socket";
        }
    }
}
