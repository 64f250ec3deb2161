package io.uloop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.uloop.internal.LoopAccess;
import io.uloop.observe.LoopObserver;
import io.uloop.observe.SlowCall;
import io.uloop.poller.UEvent;
import io.uloop.process.ExitHandler;
import io.uloop.process.Exits;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests the warnings about callbacks that block the loop. */
class SlowHandlerTest extends EachBackend {
    private static final Duration THRESHOLD = Duration.ofMillis(40);

    private final CapturedLog log = new CapturedLog("io.uloop");
    private Uloop watched;
    private int stuckCalls;

    @BeforeEach
    void openWatchedLoop() throws IOException {
        watched = closing(build("watched", THRESHOLD));
    }

    @AfterEach
    void closeLog() {
        log.close();
    }

    private Uloop build(String name, Duration threshold) throws IOException {
        return Uloop.builder().poller(provider).name(name).slowHandlerThreshold(threshold).build();
    }

    /**
     * Blocks the loop until a warning about this call is logged. On a busy machine it may be logged
     * before this method runs.
     */
    private void beStuck() {
        stuckCalls++;
        int logged = stuckCalls;
        Awaitility.await().atMost(DEADLINE).until(() -> records().size() >= logged);
    }

    /**
     * Returns the warnings about callbacks of this test. On a busy machine any callback of the loop
     * itself may be slow too.
     */
    private List<LogRecord> records() {
        return log.records().stream().filter(record -> isOfThisTest(record.getMessage())).toList();
    }

    private static boolean isOfThisTest(String message) {
        return message.contains(SlowHandlerTest.class.getName())
                || message.contains("handler (removed)");
    }

    private List<String> messages() {
        return records().stream().map(LogRecord::getMessage).toList();
    }

    private final class Stuck implements EventHandler, LoopTask {
        @Override
        public void processEvent(int fd, int events) {
            beStuck();
        }

        @Override
        public void run() {
            beStuck();
        }
    }

    @Test
    void blockedHandlerIsLoggedWithDescriptorEventsClassAndStack() throws IOException {
        int fd = readablePipe();
        long start = System.nanoTime();
        watched.add(fd, UEvent.IN, new Stuck());
        watched.runOnce(0);
        assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(THRESHOLD.toNanos());
        assertThat(records()).hasSize(1);
        LogRecord record = records().get(0);
        assertThat(record.getLevel()).isEqualTo(Level.WARNING);
        assertThat(record.getMessage())
                .matches(
                        "watched: handler .*SlowHandlerTest\\$Stuck on fd="
                                + fd
                                + " with IN has not returned for \\d+ ms and blocks its loop; .*");
        assertThat(Arrays.stream(record.getThrown().getStackTrace()))
                .anyMatch(frame -> frame.getClassName().contains("SlowHandlerTest"));
        assertThat(record.getThrown()).hasMessageContaining(Thread.currentThread().getName());
    }

    @Test
    void slowCallbacksAreCountedWithTheTimeThatTheyTook() throws IOException {
        LoopObserver observer = LoopAccess.of(watched).observer();
        long before = System.currentTimeMillis();
        int fd = readablePipe();
        watched.add(
                fd,
                UEvent.IN,
                (ready, events) -> {
                    Awaitility.await().until(() -> !slow(observer, fd).isEmpty());
                    Awaitility.await()
                            .until(() -> slow(observer, fd).get(0).nanos() > 2 * nanos(THRESHOLD));
                    assertThat(slow(observer, fd).get(0).running()).isTrue();
                });
        watched.runOnce(0);
        Awaitility.await().until(() -> !slow(observer, fd).get(0).running());
        SlowCall call = slow(observer, fd).get(0);
        assertThat(call.what()).contains("SlowHandlerTest").endsWith(" on fd=" + fd + " with IN");
        assertThat(call.nanos()).isGreaterThan(2 * nanos(THRESHOLD));
        assertThat(call.startMillis()).isBetween(before - 1000, System.currentTimeMillis());
        assertThat(watched.metrics().slowCallbacks()).isPositive();
        assertThat(observer.slowThresholdNanos()).isEqualTo(nanos(THRESHOLD));
        assertThat(LoopAccess.of(loop).observer().slowCalls()).isEmpty();
        assertThat(loop.metrics().slowCallbacks()).isZero();
    }

    private static List<SlowCall> slow(LoopObserver observer, int fd) {
        return observer.slowCalls().stream()
                .filter(each -> each.what().contains(" on fd=" + fd + " "))
                .toList();
    }

    private static long nanos(Duration time) {
        return time.toNanos();
    }

    @Test
    void timersTasksAndHooksAreLoggedByKind() throws IOException {
        watched.callLater(Duration.ZERO, new Stuck());
        watched.post(new Stuck());
        LoopTask hook = new Stuck();
        watched.beforePoll(hook);
        watched.runOnce(0);
        String stuck = " " + Stuck.class.getName();
        assertThat(messages()).hasSize(3);
        assertThat(messages().get(0)).startsWith("watched: timer" + stuck);
        assertThat(messages().get(1)).startsWith("watched: task" + stuck);
        assertThat(messages().get(2)).startsWith("watched: hook" + stuck);
    }

    @Test
    void procsAreLoggedByTheirOwnClasses() throws IOException {
        ReadWriteProcs.Proc<String> proc =
                new ReadWriteProcs.Proc<>() {
                    @Override
                    public void call(int fd, String data, int events) {
                        beStuck();
                    }
                };
        new ReadWriteProcs(watched, readablePipe()).setReader(proc, "data");
        watched.runOnce(0);
        assertThat(messages().get(0)).contains("handler " + proc.getClass().getName());
    }

    @Test
    void handlerThatRemovedItselfIsLoggedWithItsStack() throws IOException {
        watched.add(
                readablePipe(),
                UEvent.IN,
                (fd, events) -> {
                    watched.remove(fd);
                    beStuck();
                });
        watched.runOnce(0);
        assertThat(messages().get(0)).contains("handler (removed) on fd=");
        assertThat(Arrays.toString(records().get(0).getThrown().getStackTrace()))
                .contains("SlowHandlerTest");
    }

    @Test
    void longCallIsLoggedOnce() throws IOException {
        watched.execute(
                () -> {
                    beStuck();
                    passTime(THRESHOLD.multipliedBy(5));
                });
        watched.execute(this::beStuck);
        watched.runOnce(0);
        assertThat(messages()).hasSize(2);
    }

    @Test
    void manyQuickCallsAreNotLogged() throws IOException {
        watched.close();
        Uloop patient = closing(build("patient", Duration.ofSeconds(15)));
        Uloop hasty = closing(build("hasty", Duration.ofMillis(1)));
        hasty.execute(this::beStuck); // makes the watchdog sample often
        hasty.runOnce(0);
        patient.add(readablePipe(), UEvent.IN, (fd, events) -> {});
        long start = System.nanoTime();
        while (System.nanoTime() - start < TimeUnit.MILLISECONDS.toNanos(300)) {
            patient.runOnce(-1);
        }
        assertThat(messages()).allMatch(message -> message.startsWith("hasty: "));
    }

    @Test
    void waitingLoopIsNotLogged() throws IOException {
        watched.runOnce(THRESHOLD.multipliedBy(4).toNanos());
        assertThat(messages()).isEmpty();
    }

    @Test
    void oneThreadSamplesAllLoopsAndEndsAfterTheLast() throws IOException {
        Uloop other = closing(build("other", Duration.ofHours(1)));
        // The thread of an earlier test may not have ended yet.
        Awaitility.await().atMost(DEADLINE).until(() -> watchdogs().size() == 1);
        watched.close();
        watched.close();
        assertThat(watchdogs()).hasSize(1);
        other.close();
        Awaitility.await().atMost(DEADLINE).until(() -> watchdogs().isEmpty());
        watched = closing(build("again", THRESHOLD));
        watched.execute(this::beStuck);
        watched.runOnce(0);
        assertThat(messages()).hasSize(1);
    }

    @Test
    void errorThatEndsTheRunEndsTheCall() throws IOException {
        watched.execute(
                () -> {
                    throw new AssertionError("expected");
                });
        assertThatThrownBy(() -> watched.runOnce(0)).hasMessage("expected");
        List<String> before = messages();
        passTime(THRESHOLD.multipliedBy(3));
        assertThat(messages()).isEqualTo(before);
    }

    @Test
    void negativeThresholdIsRejected() {
        assertThatThrownBy(() -> build("never", Duration.ofNanos(-1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("must be 0 or more");
    }

    private static List<Thread> watchdogs() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("uloop-watchdog"))
                .toList();
    }

    /** Busy-waits, because only the passage of time can satisfy this condition. */
    private static void passTime(Duration time) {
        long start = System.nanoTime();
        while (System.nanoTime() - start < time.toNanos()) {
            Thread.onSpinWait();
        }
    }

    @Test
    void errorOfTheLoggerDoesNotStopTheWatchdog() throws IOException {
        Thread.UncaughtExceptionHandler former = Thread.getDefaultUncaughtExceptionHandler();
        Thread.setDefaultUncaughtExceptionHandler((thread, error) -> {});
        try {
            logWithErrors();
        } finally {
            Thread.setDefaultUncaughtExceptionHandler(former);
        }
    }

    private void logWithErrors() throws IOException {
        List<String> told = new CopyOnWriteArrayList<>();
        log.onRecord(
                record -> {
                    told.add(record.getMessage());
                    throw new LinkageError("of the test: the log is broken");
                });
        for (int turn = 1; turn <= 2; turn++) {
            int expected = turn;
            watched.execute(
                    () -> {
                        Awaitility.await()
                                .dontCatchUncaughtExceptions()
                                .atMost(DEADLINE)
                                .until(() -> told.size() >= expected);
                        passTime(THRESHOLD); // the watchdog must not report it again
                    });
            watched.runOnce(0);
        }
        assertThat(told).hasSize(2);
    }

    @Test
    void workAndExitHandlersAreLoggedByTheirOwnClasses() throws Exception {
        Callable<Object> work =
                new Callable<>() {
                    @Override
                    public Object call() {
                        beStuck();
                        return "done";
                    }
                };
        CompletableFuture<Object> done = watched.submit(work);
        watched.runOnce(0);
        assertThat(done).isCompletedWithValue("done");
        assertThat(messages().get(0)).contains("task " + work.getClass().getName());
        ExitHandler handler =
                new ExitHandler() {
                    @Override
                    public void exited(Process process, int status) {
                        beStuck();
                    }
                };
        Exits.on(watched, new ProcessBuilder("true").start(), handler);
        watched.runUntilIdle();
        assertThat(messages().get(1)).contains("task " + handler.getClass().getName());
    }
}
