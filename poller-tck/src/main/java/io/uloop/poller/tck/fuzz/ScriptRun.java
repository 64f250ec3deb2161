package io.uloop.poller.tck.fuzz;

import io.uloop.poller.EventSink;
import io.uloop.poller.Poller;
import io.uloop.poller.UEvent;
import io.uloop.poller.tck.OpenDescriptors;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Runs a script on a backend and compares each step with the model. */
final class ScriptRun implements EventSink {
    /** Polls of this length or longer run only if they must return at once. */
    static final int LONG_MICROS = 1_000_000;

    private static final long SHORT_NANOS = TimeUnit.MICROSECONDS.toNanos(200);

    /** The exception thrown by THROW. */
    private static final class Thrown extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Thrown() {
            super("thrown by a sink", null, false, false);
        }
    }

    private interface Call {
        void run() throws Exception;
    }

    private final Subject subject;
    private final Tally tally;
    private final Trace trace = new Trace();
    private final Model model;
    private final FileSteps files;
    private Poller poller;

    // The poller that watches this one, and what it watches
    private @Nullable Poller outer;
    private int nested;
    private boolean nestedSeen;

    // State of the current poll
    private boolean inside;
    private List<Reaction> reactions = List.of();
    private int eventNumber;
    private @Nullable Handle self;
    private @Nullable Thrown thrown;
    private @Nullable Throwable failure;
    private @Nullable Thread signaller;
    private volatile long signalledNanos; // when the signaller's wakeup returned
    private final Map<Integer, Integer> eventsByName = new HashMap<>();

    private ScriptRun(Subject subject, Tally tally) throws IOException {
        this.subject = subject;
        this.tally = tally;
        this.model = new Model(subject.provider.supportedEvents());
        this.files = new FileSteps(subject, model);
        this.poller = subject.provider.open();
    }

    /**
     * Runs a script.
     *
     * @return the actions of the backend
     * @throws Divergence if the backend violates the contract
     */
    static Trace run(Subject subject, Script script, Tally tally) throws IOException {
        ScriptRun run = new ScriptRun(subject, tally);
        try {
            for (Step step : script.steps()) {
                run.take(step);
            }
        } catch (IOException | RuntimeException | Error e) {
            try {
                run.finish();
            } catch (IOException | Divergence second) {
                e.addSuppressed(second);
            }
            throw e;
        }
        run.finish();
        return run.trace;
    }

    private void finish() throws IOException {
        close();
        joinSignaller();
        files.discardAll();
    }

    private void take(Step step) throws IOException {
        tally.operations++;
        switch (step.verb()) {
            case ADD, MODIFY, REMOVE -> register(step);
            case POLL -> poll(step);
            case WAKEUP -> {
                poller.wakeup();
                model.wokenUp(inside);
            }
            case SIGNAL -> signal();
            case SHUT -> {
                close();
                model.shut();
            }
            case RENEW -> renew();
            case WATCH -> watch(step);
            case THROW -> throwFromSink();
            case NEST -> nest();
            case INTRUDE -> intrude(step);
            default -> files.take(step, target(step));
        }
    }

    private @Nullable Handle target(Step step) {
        return step.target() == Step.SELF ? self : files.handle(step.target());
    }

    // Registrations

    private void register(Step step) throws IOException {
        Handle target = target(step);
        if (target == null && step.target() != Step.NONE) {
            return;
        }
        int fd = target == null ? -1 : target.fd;
        int interest = step.operand();
        Set<String> allowed =
                switch (step.verb()) {
                    case ADD -> model.outcomesOfAdd(fd, interest);
                    case MODIFY -> model.outcomesOfModify(fd, interest);
                    default -> model.outcomesOfRemove(fd);
                };
        String outcome = attempt(step.verb(), fd, interest);
        if (step.verb() == Verb.ADD && !allowed.contains(outcome) && isTakenByOthers(fd, outcome)) {
            trace.end();
            return;
        }
        trace.outcome(outcome);
        require(allowed, outcome, step.verb() == Verb.ADD ? "R9" : "R10", step);
        switch (step.verb()) {
            case ADD -> {
                if (outcome.equals(Model.OK)) {
                    model.added(fd, interest);
                }
            }
            case MODIFY -> model.modified(fd, interest, outcome);
            default -> model.removed(fd);
        }
    }

    private String attempt(Verb verb, int fd, int interest) {
        return switch (verb) {
            case ADD -> outcomeOf(() -> poller.add(fd, interest));
            case MODIFY -> outcomeOf(() -> poller.modify(fd, interest));
            default -> outcomeOf(() -> poller.remove(fd));
        };
    }

    /** Returns whether the JVM has opened a number that is closed in the model, now or before. */
    private boolean isTakenByOthers(int fd, String outcome) throws IOException {
        if (model.isOpen(fd)) {
            return false;
        }
        if (outcome.equals(Model.OK)) {
            poller.remove(fd);
        }
        return isClosedNow(fd) || OpenDescriptors.contains(fd) || isClosedNow(fd);
    }

    private boolean isClosedNow(int fd) throws IOException {
        String outcome = attempt(Verb.ADD, fd, UEvent.NONE);
        if (outcome.equals(Model.OK)) {
            poller.remove(fd);
        }
        return outcome.equals(Model.NOT_OPEN);
    }

    private static void require(Set<String> allowed, String outcome, String rule, Step step) {
        if (!allowed.contains(outcome)) {
            throw new Divergence(rule, step + " resulted in " + outcome + ", expected " + allowed);
        }
    }

    @SuppressWarnings("CatchingUnchecked") // compared by name
    private static String outcomeOf(Call call) {
        try {
            call.run();
            return Model.OK;
        } catch (Exception e) {
            return Subject.outcome(e);
        }
    }

    // Polls

    private void poll(Step step) throws IOException {
        if (inside) {
            return;
        }
        requireSeenByOuter();
        long timeoutNanos = TimeUnit.MICROSECONDS.toNanos(step.operand());
        if (step.operand() >= LONG_MICROS) {
            timeoutNanos = model.isToReturn() ? subject.longNanos : SHORT_NANOS;
        }
        tally.polls++;
        reactions = step.reactions();
        eventNumber = 0;
        thrown = null;
        failure = null;
        eventsByName.clear();
        Set<String> allowed = model.outcomesOfPoll();
        model.beginPoll();
        try {
            long start = System.nanoTime();
            int returned = pollOnce(timeoutNanos, allowed, step);
            long elapsedNanos = System.nanoTime() - start;
            if (signaller != null) {
                joinSignaller();
                if (signalledNanos - start > timeoutNanos / 2) {
                    model.signalledLate(); // on a busy machine a thread may start late
                }
            }
            if (thrown != null) {
                model.sinkThrew();
            } else if (returned >= 0) {
                model.endPoll(returned, timeoutNanos, elapsedNanos);
            }
        } finally {
            self = null;
            trace.poll(eventsByName);
        }
    }

    /** Returns the result of poll, or -1 if it threw as expected. */
    private int pollOnce(long timeoutNanos, Set<String> allowed, Step step) throws IOException {
        int returned = -1;
        String outcome;
        inside = true;
        try {
            returned = poller.poll(timeoutNanos, this);
            outcome = Model.OK;
        } catch (Thrown e) {
            outcome = e == thrown ? "thrown" : "thrown before";
        } catch (IOException | RuntimeException e) {
            outcome = Subject.outcome(e);
        } finally {
            inside = false;
        }
        rethrow(failure);
        if (thrown != null) {
            require(Set.of("thrown"), outcome, "R15", step);
        } else {
            require(allowed, outcome, "R12", step);
        }
        return returned;
    }

    private static void rethrow(@Nullable Throwable failure) throws IOException {
        if (failure instanceof Error error) {
            throw error;
        } else if (failure instanceof IOException exception) {
            throw exception;
        } else if (failure instanceof RuntimeException exception) {
            throw exception;
        }
    }

    @Override
    public void onEvent(int fd, int events) {
        if (failure != null) {
            return; // only the first failure is reported
        }
        try {
            tally.events++;
            eventNumber++;
            self = model.event(fd, events).handle;
            eventsByName.put(self.name, events);
            for (Reaction reaction : reactions) {
                if (reaction.event() == eventNumber) {
                    trace.end();
                    take(reaction.step());
                    model.review();
                }
            }
        } catch (Thrown e) {
            throw e;
        } catch (Divergence | IOException | RuntimeException e) {
            failure = e; // rethrown by this run, even if the backend swallows exceptions
        }
    }

    private void throwFromSink() {
        if (inside) {
            thrown = new Thrown();
            throw thrown;
        }
    }

    private void nest() {
        if (inside) {
            Set<String> closed = model.outcomesOfPoll();
            boolean open = closed.contains(Model.OK);
            String outcome = outcomeOf(() -> poller.poll(0, (fd, events) -> {}));
            require(
                    open ? Set.of(Model.ILLEGAL_STATE) : closed,
                    outcome,
                    "R15",
                    Step.of(Verb.NEST, 0));
        }
    }

    /**
     * Calls the poller from another thread, which must be refused whatever the descriptor's state.
     */
    private void intrude(Step step) {
        Handle target = target(step);
        if (!inside || target == null) {
            return;
        }
        Set<String> closed = model.outcomesOfPoll();
        Set<String> allowed = closed.contains(Model.OK) ? Set.of(Model.ILLEGAL_STATE) : closed;
        for (Call call :
                List.<Call>of(
                        () -> poller.add(target.fd, step.operand()),
                        () -> poller.modify(target.fd, step.operand()),
                        () -> poller.remove(target.fd),
                        () -> poller.poll(0, (fd, events) -> {}))) {
            String[] outcome = new String[1];
            join(start("intruder", () -> outcome[0] = outcomeOf(call)));
            require(allowed, String.valueOf(outcome[0]), "R14", step);
        }
    }

    private static Thread start(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.start();
        return thread;
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException("a thread of the fuzzer was interrupted", e);
        }
    }

    // Wakeups, close

    private void signal() {
        if (signaller == null) {
            Poller current = poller;
            signaller =
                    start(
                            "signaller",
                            () -> {
                                current.wakeup();
                                signalledNanos = System.nanoTime();
                            });
            model.signalled();
        }
    }

    private void joinSignaller() {
        if (signaller != null) {
            join(signaller);
            signaller = null;
        }
    }

    /** Closes the poller, which another one may watch. */
    private void close() {
        if (outer != null) {
            outer.close();
            outer = null;
        }
        poller.close();
    }

    // Nesting

    private void watch(Step step) throws IOException {
        if (inside || !subject.nests) {
            return;
        }
        int[] fd = new int[1];
        Set<String> allowed = model.outcomesOfPoll();
        require(allowed, outcomeOf(() -> fd[0] = poller.fd()), "R19", step);
        if (!allowed.contains(Model.OK)) {
            return;
        }
        model.watched();
        if (outer == null) {
            nested = fd[0];
            outer = subject.provider.open();
            outer.add(nested, UEvent.IN);
        } else if (fd[0] != nested) {
            throw new Divergence("R19", "fd " + nested + " of the poller has become " + fd[0]);
        }
    }

    /** Requires that the outer poller sees what the next poll must deliver or notice. */
    private void requireSeenByOuter() throws IOException {
        boolean mustShow = model.isWoken() || (model.isToDeliver() && poller.timeoutNanos() != 0);
        if (outer == null || !mustShow) {
            return;
        }
        nestedSeen = false;
        outer.poll(
                subject.longNanos,
                (fd, events) -> nestedSeen |= fd == nested && (events & UEvent.IN) != 0);
        if (!nestedSeen) {
            throw new Divergence(
                    "R19",
                    "fd "
                            + nested
                            + " of the poller is not readable, although "
                            + (model.isWoken() ? "a wakeup is pending" : "it has events"));
        }
    }

    private void renew() throws IOException {
        if (!inside) {
            joinSignaller();
            close();
            poller.close(); // idempotent
            poller = subject.provider.open();
            model.renewed();
        }
    }
}
