package io.uloop.poller.tck.fuzz;

import java.util.List;
import java.util.Locale;

/** The operation of a step, with its operands in the order in which they are written. */
enum Verb {
    OPEN(Operand.KIND, Operand.TARGET, Operand.OTHER),
    DUP(Operand.TARGET, Operand.OTHER),
    CONNECT(Operand.TARGET, Operand.OTHER),
    ACCEPT(Operand.TARGET, Operand.OTHER),
    CLOSE(Operand.TARGET),
    /** Closes a TCP socket with SO_LINGER 0. */
    RESET(Operand.TARGET),
    /** Shuts down output. */
    SHUTDOWN(Operand.TARGET),
    /** Writes bytes; more than 64 KiB from a heap buffer. */
    WRITE(Operand.TARGET, Operand.NUMBER),
    /** Writes two buffers with one call, the first of them twice. */
    GATHER(Operand.TARGET, Operand.NUMBER),
    /** Sends an empty datagram. */
    EMPTY(Operand.TARGET),
    /** Connects a datagram socket to a broadcast address, which must fail. */
    MISCONNECT(Operand.TARGET),
    /** Writes until it would block. */
    FILL(Operand.TARGET),
    READ(Operand.TARGET, Operand.NUMBER),
    /** Reads until it would block; a stream until a read is short. */
    DRAIN(Operand.TARGET),
    ADD(Operand.TARGET, Operand.EVENTS),
    MODIFY(Operand.TARGET, Operand.EVENTS),
    REMOVE(Operand.TARGET),
    /** Polls for a number of microseconds. */
    POLL(Operand.NUMBER),
    WAKEUP,
    /** Calls wakeup on another thread, at any time before the next poll returns. */
    SIGNAL,
    /** Closes the poller. */
    SHUT,
    /** Closes the poller and opens a new one. */
    RENEW,
    /**
     * Lets another poller watch this one until its close. Has no effect on a backend without
     * nesting.
     */
    WATCH,
    /** Throws from the sink. Has no effect outside a sink. */
    THROW,
    /** Polls from the sink. Has no effect outside a sink. */
    NEST,
    /** Adds, modifies, removes and polls on another thread during a sink. Has no effect outside. */
    INTRUDE(Operand.TARGET, Operand.EVENTS);

    /** The kinds of operands. */
    enum Operand {
        KIND,
        TARGET,
        OTHER,
        NUMBER,
        EVENTS
    }

    @SuppressWarnings("ImmutableEnumChecker") // List.of is immutable
    final List<Operand> operands;

    Verb(Operand... operands) {
        this.operands = List.of(operands);
    }

    /** Returns the form written in a script. */
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
