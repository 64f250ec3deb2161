package io.uloop.observe;

import io.uloop.poller.Descriptors;
import io.uloop.poller.EventSink;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.util.Arrays;
import java.util.BitSet;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Finds descriptors that keep a processor busy without progress: they are ready in every turn, but
 * their handlers transfer nothing. Most turns do not use this class. After {@link #REST_TURNS}
 * quick turns, which show that the loop hardly waits, it intercepts the events of {@link
 * #AUDIT_TURNS} turns.
 *
 * <p>A descriptor that was ready in each audited turn for the threshold spins if calls that
 * transferred something were fewer than one in {@link #TURNS_PER_MOVE} of all turns in that time.
 * This also finds a descriptor that is read now and then but stays writable all the time.
 */
final class SpinDetector implements EventSink {
    private static final int REST_TURNS = 4096;
    private static final int AUDIT_TURNS = 256;
    private static final int TURNS_PER_MOVE = 64;
    private static final long QUICK_NANOS = TimeUnit.SECONDS.toNanos(4);
    private static final long SILENCE_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final LoopView loop;
    private final Descriptors descriptors;
    private final long thresholdNanos;
    private EventSink sink = (fd, events) -> {};
    private final BitSet edges = new BitSet();
    private final BitSet unseen = new BitSet();
    private @Nullable Suspect[] suspects = new Suspect[64];
    private long now;
    private long restStart;
    private long turn;
    private long audit;
    private int turnsLeft = REST_TURNS;
    private boolean auditing;

    /** The state of a descriptor since it became ready in every audited turn. */
    private static final class Suspect {
        long sinceNanos;
        long sinceTurn;
        int sinceActivity;
        long lastAudit = -1;
        int audits;
        boolean warned;
        long warnedNanos;
    }

    /**
     * Creates a detector that has seen no descriptor.
     *
     * @param loop the loop to observe
     * @param descriptors counts what each descriptor has transferred
     * @param now the loop's time
     * @param thresholdNanos how long a descriptor may spin
     */
    SpinDetector(LoopView loop, Descriptors descriptors, long now, long thresholdNanos) {
        restStart = now;
        this.loop = loop;
        this.descriptors = descriptors;
        this.thresholdNanos = thresholdNanos;
    }

    /**
     * Returns the sink for the turn that is starting.
     *
     * @param turnNow the loop's time
     * @param loopSink the loop's own sink
     * @return this, or the loop's own sink in turns that are not audited
     */
    EventSink turnBegins(long turnNow, EventSink loopSink) {
        sink = loopSink;
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
            audit++; // counts as an audit without ready descriptors, so all start over
        }
        auditing = false;
        turnsLeft = REST_TURNS;
        restStart = turnNow;
    }

    /**
     * Starts to observe a descriptor.
     *
     * @param fd a descriptor that is being registered
     * @param interest its interest
     * @param counted false to exclude a JDK channel, whose I/O is not counted
     */
    void added(int fd, int interest, boolean counted) {
        if (fd < suspects.length) {
            suspects[fd] = null;
        }
        unseen.set(fd, !counted);
        edges.set(fd, (interest & UEvent.EDGE) != 0);
    }

    /**
     * Starts over after the handler has changed the interest.
     *
     * @param fd the descriptor
     * @param interest its new interest
     */
    void modified(int fd, int interest) {
        edges.set(fd, (interest & UEvent.EDGE) != 0);
        Suspect suspect = fd < suspects.length ? suspects[fd] : null;
        if (suspect != null) {
            suspect.lastAudit = -1;
        }
    }

    @Override
    public void onEvent(int fd, int events) {
        // An edge is a new event each time, whether or not it is read.
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
                        + ") was ready in each of "
                        + turns
                        + " turns within "
                        + millis
                        + " ms, last with "
                        + UEvent.toString(events)
                        + ", but only "
                        + moves
                        + " reads, writes or accepts transferred anything; handler "
                        + Callbacks.className(loop.handler(fd))
                        + " "
                        + advice(events),
                null);
    }

    private static String advice(int events) {
        if ((events & UEvent.IN) != 0) {
            return "must read (or accept) until nothing is left, remove the descriptor at the end"
                    + " of the stream, or take IN out of the interest with modify while it"
                    + " cannot read, for example when accept fails with EMFILE";
        }
        if ((events & UEvent.OUT) != 0) {
            return "must take OUT out of the interest with modify while it has nothing to write";
        }
        return "must remove and close the descriptor, because its peer has hung up or it has"
                + " failed";
    }

    private String kind(int fd) {
        try {
            return "socket " + descriptors.localAddress(fd);
        } catch (IOException | RuntimeException e) {
            return "not a socket";
        }
    }
}
