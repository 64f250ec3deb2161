package io.uloop.connection;

import io.uloop.Uloop;
import io.uloop.internal.LoopAccess;
import io.uloop.internal.LoopEnd;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The connections and connect attempts of one loop, in a ring. When the loop is closed, it ends
 * them, so that each makes its last call exactly once.
 *
 * <p>Not thread-safe: call from the loop's thread.
 */
final class LoopMembers implements LoopEnd {
    private final LoopMember ring =
            new LoopMember() {
                @Override
                void loopClosed() {}
            };

    private boolean shuttingDown;

    private LoopMembers() {
        ring.previous = ring;
        ring.next = ring;
    }

    /**
     * {@return the members of a loop}
     *
     * @throws io.uloop.ClosedLoopException if it is closed
     */
    static LoopMembers of(Uloop loop) {
        LoopAccess inside = LoopAccess.of(loop);
        if (inside.attachments().get(LoopMembers.class) instanceof LoopMembers known) {
            return known;
        }
        LoopMembers members = new LoopMembers();
        inside.addEnd(members);
        Object earlier = inside.attachments().putIfAbsent(LoopMembers.class, members);
        if (earlier != null) {
            inside.removeEnd(members);
            return (LoopMembers) earlier;
        }
        return members;
    }

    void join(LoopMember member) {
        member.previous = ring.previous;
        member.next = ring;
        if (ring.previous != null) {
            ring.previous.next = member;
        }
        ring.previous = member;
    }

    /** Returns whether the loop's group is shutting down. */
    boolean isShuttingDown() {
        return shuttingDown;
    }

    @Override
    public void shutdownBegins() {
        shuttingDown = true;
        LoopMember following;
        for (LoopMember member = ring.next; member != null && member != ring; member = following) {
            following = member.next;
            member.shutdownBegins();
        }
    }

    @Override
    public void loopClosed(Consumer<Call> caller) {
        Error first = null;
        for (LoopMember member = first(); member != null; member = first()) {
            member.leaveLoop();
            try {
                caller.accept(member::loopClosed);
            } catch (Error e) {
                first = first == null ? e : first;
            }
        }
        if (first != null) {
            throw first;
        }
    }

    private @Nullable LoopMember first() {
        return ring.next == ring ? null : ring.next;
    }
}
