package io.uloop.fiber;

import io.uloop.LoopMetrics;
import io.uloop.Uloop;
import io.uloop.poller.PollerProvider;
import io.uloop.poller.Pollers;
import io.uloop.poller.tck.OpenDescriptors;
import io.uloop.poller.tck.Scene;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Cancels operations of fibers at random points: fibers are interrupted, run out of time, lose
 * their channels and their loop. Afterwards, no byte may be lost or delivered twice, every fiber
 * must have ended, and no descriptor, registration, timer or task may be left on the loop, which
 * must still serve.
 *
 * <pre>{@code java io.uloop.fiber.CancellationFuzzer [OPERATIONS [SEED [BACKEND [MODE]]]]}</pre>
 *
 * <p>The seed determines what each fiber does, but not how threads interleave.
 */
public final class CancellationFuzzer {
    /** How many sessions run at once. */
    private static final int LANES = 40;

    /** Operations between two checks of what is left. */
    private static final long ROUND = 10_000;

    private static final long PAUSE_NANOS = 1_000_000;
    private static final int LONGEST_PAUSE_MICROS = 1_000;

    private final PollerProvider provider;
    private final FiberMode mode;
    private final Duration patience;
    private final Sabotage sabotage;
    private final Map<String, AtomicLong> outcomes = new ConcurrentHashMap<>();
    private final List<String> faults = new CopyOnWriteArrayList<>();
    private final Set<FuzzedFiber> exposed = ConcurrentHashMap.newKeySet();
    private final AtomicLong ended = new AtomicLong();
    private final AtomicInteger paths = new AtomicInteger();
    private final Path directory;
    private final ScheduledExecutorService interrupter;
    private final ExecutorService closer;
    private volatile long end;
    private volatile boolean ending;
    private volatile Fibers fibers;

    /** Something that is wrong with a loop. */
    interface Sabotage {
        void prepare(Fibers fibers) throws Exception;
    }

    private CancellationFuzzer(
            PollerProvider provider, FiberMode mode, Duration patience, Sabotage sabotage)
            throws IOException {
        this.provider = provider;
        this.mode = mode;
        this.patience = patience;
        this.sabotage = sabotage;
        directory = Files.createTempDirectory("fibers");
        ThreadFactory daemons =
                task -> {
                    Thread thread = new Thread(task, "fuzz");
                    thread.setDaemon(true);
                    return thread;
                };
        interrupter = new ScheduledThreadPoolExecutor(1, daemons);
        closer = Executors.newSingleThreadExecutor(daemons);
    }

    /**
     * Fuzzes one backend in one mode.
     *
     * @param provider the backend, which must be usable
     * @param mode the mode, which this JVM must support
     * @param operations how many operations to make
     * @param seed determines the operations
     * @return how often each outcome occurred, for display
     * @throws AssertionError if something was lost, left or wrong
     */
    public static Map<String, Long> run(
            PollerProvider provider, FiberMode mode, long operations, long seed) throws Exception {
        return run(provider, mode, operations, seed, Duration.ofMinutes(1), fibers -> {});
    }

    /**
     * Fuzzes one backend that has a fault.
     *
     * @param patience how long no operation may end
     * @param sabotage called on the loop before each round
     */
    static Map<String, Long> run(
            PollerProvider provider,
            FiberMode mode,
            long operations,
            long seed,
            Duration patience,
            Sabotage sabotage)
            throws Exception {
        CancellationFuzzer fuzzer = new CancellationFuzzer(provider, mode, patience, sabotage);
        try {
            fuzzer.fuzz(operations, new SplittableRandom(seed));
        } finally {
            fuzzer.interrupter.shutdownNow();
            fuzzer.closer.shutdownNow();
            fuzzer.deleteDirectory();
        }
        Map<String, Long> counts = new TreeMap<>();
        fuzzer.outcomes.forEach((name, count) -> counts.put(name, count.get()));
        if (!fuzzer.faults.isEmpty()) {
            throw new AssertionError(
                    provider.name()
                            + ", "
                            + mode
                            + ", seed "
                            + seed
                            + ": "
                            + String.join("\n", fuzzer.faults)
                            + "\n"
                            + counts);
        }
        return counts;
    }

    /**
     * Runs the fuzzer and prints the result.
     *
     * @param arguments OPERATIONS, by default 1000000; SEED, a number or {@code random}; BACKEND,
     *     by default the best one; MODE, by default the best one
     */
    public static void main(String[] arguments) throws Exception {
        long operations = arguments.length > 0 ? Long.parseLong(arguments[0]) : 1_000_000;
        long seed =
                arguments.length > 1 && !arguments[1].equals("random")
                        ? Long.parseLong(arguments[1])
                        : new SplittableRandom().nextLong();
        PollerProvider provider =
                arguments.length > 2 ? Pollers.provider(arguments[2]) : Pollers.provider();
        Scene.warmUp(provider);
        FiberMode mode = arguments.length > 3 ? FiberMode.valueOf(arguments[3]) : FiberMode.best();
        System.out.println(
                provider.name() + ", " + mode + ", " + operations + " operations, seed " + seed);
        long start = System.nanoTime();
        run(provider, mode, operations, seed)
                .forEach((name, count) -> System.out.println(count + "\t" + name));
        System.out.println(
                "no fault in "
                        + operations
                        + " operations, "
                        + Duration.ofNanos(System.nanoTime() - start).toSeconds()
                        + " s");
    }

    private void deleteDirectory() throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            for (Path each : files) { // of fibers that a fault has left behind
                Files.deleteIfExists(each);
            }
        }
        Files.deleteIfExists(directory);
    }

    private void fuzz(long operations, SplittableRandom random) throws Exception {
        while (ended.get() < operations && faults.isEmpty()) {
            SortedMap<Integer, String> before = OpenDescriptors.now();
            Uloop loop = open();
            Thread thread = new Thread(() -> keepRunning(loop), "fuzz-loop");
            thread.setDaemon(true);
            fibers = Fibers.on(loop, mode);
            thread.start();
            try {
                for (int i = 0; i < 5 && ended.get() < operations && faults.isEmpty(); i++) {
                    round(operations, random);
                }
                if (faults.isEmpty()) {
                    closeInUse(loop, random);
                }
            } finally {
                loop.close();
                thread.join(patience.toMillis());
            }
            if (!faults.isEmpty()) {
                return; // what remains is the consequence
            }
            ending = false;
            try {
                OpenDescriptors.assertNoneSince(before);
            } catch (AssertionError e) {
                unexpected("a closed loop leaves descriptors", e);
            }
        }
    }

    private Uloop open() throws IOException {
        return Uloop.builder()
                .poller(provider)
                .errorHandler((loop, source, error) -> unexpected(source + " fails", error))
                .build();
    }

    private void keepRunning(Uloop loop) {
        try {
            loop.run();
        } catch (Throwable e) { // the loop must survive everything
            unexpected("the loop ends", e);
        }
    }

    /** Makes some operations, and checks what they leave. */
    private void round(long operations, SplittableRandom random) throws Exception {
        SortedMap<Integer, String> before = OpenDescriptors.now();
        end = Math.min(operations, ended.get() + ROUND);
        Callable<Boolean> first =
                () -> {
                    sabotage.prepare(fibers);
                    return true;
                };
        fibers.loop().submit(first).get(1, TimeUnit.MINUTES);
        startLanes(random);
        interruptUntil(() -> fibers.metrics().live() == 0, random);
        if (faults.isEmpty()) {
            requireServing();
            requireNothingLeft(before);
        }
    }

    private void startLanes(SplittableRandom random) {
        for (int i = 0; i < LANES; i++) {
            FuzzedFiber.start(this, "lane", random.split(), this::runSessions);
        }
    }

    private void runSessions(FuzzedFiber lane) throws Exception {
        while (ended.get() < end && faults.isEmpty() && !ending) {
            switch (lane.random().nextInt(6)) {
                case 0 -> DatagramSession.run(lane);
                case 1, 2 -> WaitSession.run(lane);
                default -> StreamSession.run(lane);
            }
        }
    }

    /** Interrupts fibers at random until all have ended, or none has made progress for long. */
    private void interruptUntil(BooleanSupplier isOver, SplittableRandom random) {
        long progress = ended.get();
        long since = System.nanoTime();
        while (!isOver.getAsBoolean() && faults.isEmpty()) {
            int skipped = random.nextInt(4 * LANES);
            for (FuzzedFiber each : exposed) {
                if (skipped-- == 0) {
                    each.interrupt();
                    break;
                }
            }
            LockSupport.parkNanos(random.nextInt(LONGEST_PAUSE_MICROS) * 1_000L);
            long now = ended.get();
            if (now != progress) {
                progress = now;
                since = System.nanoTime();
            } else if (System.nanoTime() - since > patience.toNanos()) {
                faults.add("no operation ends: " + fibers.dump() + stacks());
            }
        }
    }

    /** {@return the stacks of the fibers and of the loop} */
    private String stacks() {
        StringBuilder stacks = new StringBuilder();
        fibers.scheduler().live().forEach(fiber -> append(stacks, fiber.thread()));
        Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("fuzz"))
                .forEach(thread -> append(stacks, thread));
        return stacks.toString();
    }

    private static void append(StringBuilder stacks, Thread thread) {
        stacks.append('\n').append(thread.getName());
        for (StackTraceElement frame : thread.getStackTrace()) {
            stacks.append("\n  ").append(frame);
        }
    }

    private void requireServing() throws Exception {
        Fiber<Integer> first = fibers.start("sum", () -> 1 + sleepAndReturn());
        Fiber<Integer> second = fibers.start("sum of sums", () -> 1 + first.join());
        if (second.join() != 3) {
            faults.add("the loop does not serve");
        }
    }

    private int sleepAndReturn() throws InterruptedException {
        fibers.sleep(Duration.ofNanos(1));
        return 1;
    }

    private void requireNothingLeft(SortedMap<Integer, String> before) {
        long start = System.nanoTime();
        while (!isNothingLeft(before)) {
            if (System.nanoTime() - start > patience.toNanos()) {
                LoopMetrics left = fibers.loop().metrics();
                faults.add(
                        "left behind: "
                                + left.descriptors()
                                + " registrations, "
                                + left.timers()
                                + " timers, "
                                + left.tasks()
                                + " tasks, descriptors "
                                + OpenDescriptors.since(before)
                                + ", "
                                + fibers.dump());
                return;
            }
            LockSupport.parkNanos(PAUSE_NANOS); // for timers and tasks that nothing waits for
        }
    }

    private boolean isNothingLeft(SortedMap<Integer, String> before) {
        LoopMetrics left = fibers.loop().metrics();
        fibers.loop().execute(() -> {}); // NIO closes descriptors in its next select
        return left.descriptors() == 0
                && left.timers() == 0
                && left.tasks() <= 1
                && fibers.metrics().live() == 0
                && fibers.list().isEmpty()
                && OpenDescriptors.since(before).isEmpty();
    }

    /** Closes the loop while fibers use it. All of them must end. */
    private void closeInUse(Uloop loop, SplittableRandom random) {
        end = Long.MAX_VALUE;
        startLanes(random);
        long stop = ended.get() + random.nextInt(1_000);
        interruptUntil(() -> ended.get() >= stop, random);
        ending = true;
        loop.close();
        long start = System.nanoTime();
        while (fibers.metrics().live() > 0) {
            if (System.nanoTime() - start > patience.toNanos()) {
                faults.add("a closed loop leaves fibers: " + fibers.dump() + stacks());
                return;
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    Fibers fibers() {
        return fibers;
    }

    /** {@return whether the loop is being closed, which may fail every operation} */
    boolean isEnding() {
        return ending;
    }

    /** {@return the fibers that anybody may interrupt} */
    Set<FuzzedFiber> exposed() {
        return exposed;
    }

    Path newPath() {
        return directory.resolve("s" + paths.incrementAndGet());
    }

    /** Counts an operation. */
    void ended(String name, String outcome) {
        if (ended.incrementAndGet() % 100_000 == 0) {
            System.out.println(ended.get() + " operations");
        }
        outcomes.computeIfAbsent(name + ": " + outcome, unused -> new AtomicLong())
                .incrementAndGet();
    }

    /** Interrupts a fiber from another thread. */
    void interruptElsewhere(FuzzedFiber fiber, int afterMicros) {
        var unused = interrupter.schedule(fiber::interrupt, afterMicros, TimeUnit.MICROSECONDS);
    }

    /** Something that another thread does. */
    interface Action {
        void run() throws Exception;
    }

    /** Does something on another thread. */
    void elsewhere(Action action) {
        closer.execute(
                () -> {
                    try {
                        action.run();
                    } catch (Throwable e) { // none is expected
                        unexpected("another thread fails", e);
                    }
                });
    }

    /** Records a fault, unless the end of the loop explains it. */
    void unexpected(String what, Throwable e) {
        if (ending && !(e instanceof AssertionError)) {
            return;
        }
        StringWriter stack = new StringWriter();
        e.printStackTrace(new PrintWriter(stack, true));
        faults.add(what + ": " + stack);
    }
}
