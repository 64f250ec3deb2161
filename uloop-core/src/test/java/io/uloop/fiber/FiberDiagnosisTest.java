package io.uloop.fiber;

import static org.assertj.core.api.Assertions.assertThat;

import io.uloop.CapturedLog;
import io.uloop.Uloop;
import io.uloop.poller.Descriptors;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.MethodHandles;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;

/** What people read about fibers: lists of them, and warnings about those that hold up the loop. */
class FiberDiagnosisTest extends EachFiber {
    private static final Duration THRESHOLD = Duration.ofMillis(40);
    private static final AtomicBoolean PINNED_MAY_END = new AtomicBoolean();

    private final CapturedLog log = new CapturedLog("io.uloop");

    @AfterEach
    void closeLog() {
        log.close();
    }

    private String lowerCaseMode() {
        return mode.name().toLowerCase(Locale.ROOT);
    }

    @EachMode
    void dumpHasOneLineForEachFiberOldestFirst() throws Exception {
        run(
                () -> {
                    Pair pair = pair();
                    int fd = pair.server().fd();
                    Fiber<?> reader =
                            fibers.start(
                                    "reader", () -> pair.server().read(ByteBuffer.allocate(1)));
                    awaitState(reader, FiberState.WAITING_FOR_DESCRIPTOR);
                    Fiber<?> joiner = fibers.start("joiner", () -> reader.join());
                    awaitState(joiner, FiberState.JOINING);

                    String[] lines = fibers.dump().split("\n");
                    assertThat(lines).hasSize(4);
                    assertThat(lines[0])
                            .isEqualTo(
                                    "Fibers[mode=" + lowerCaseMode() + ", live=3, " + loop + ']');
                    assertThat(lines[1]).matches("  test \\(\\d+ ms\\) RUNNABLE");
                    assertThat(lines[2])
                            .matches(
                                    "  reader \\(\\d+ ms\\) WAITING_FOR_DESCRIPTOR fd="
                                            + fd
                                            + " for IN");
                    assertThat(lines[3]).matches("  joiner \\(\\d+ ms\\) JOINING");
                    List<FiberInfo> list = fibers.list();
                    assertThat(list)
                            .extracting(FiberInfo::name)
                            .containsExactly("test", "reader", "joiner");
                    assertThat(list)
                            .extracting(FiberInfo::fd)
                            .containsExactly(Descriptors.NONE, fd, Descriptors.NONE);
                    assertThat(list)
                            .extracting(FiberInfo::events)
                            .containsExactly(UEvent.NONE, UEvent.IN, UEvent.NONE);
                    assertThat(fibers.metrics()).isEqualTo(new FiberMetrics(mode, 3, 0, 0));
                    assertThat(reader).hasToString("fiber reader");

                    joiner.interrupt();
                    joiner.thread().join();
                    reader.interrupt();
                });
        assertThat(fibers.dump()).isEqualTo(fibers.toString()).doesNotContain("\n");
        assertThat(fibers.metrics()).isEqualTo(new FiberMetrics(mode, 3, 3, 0));
    }

    @EachMode
    void fibersStartedAtOnceAreListedOldestFirst() throws Exception {
        List<String> names = IntStream.range(0, 200).mapToObj(i -> "fiber " + i).toList();
        CountDownLatch latch = new CountDownLatch(1);
        names.forEach(each -> fibers.start(each, () -> latch.await()));
        assertThat(fibers.list()).extracting(FiberInfo::name).isEqualTo(names);
        latch.countDown();
        runFibers();
    }

    /** Opens fibers on a loop whose slow callbacks are logged. */
    private Fibers watched() throws IOException {
        Uloop watched =
                closing(
                        Uloop.builder()
                                .poller(provider)
                                .name("watched")
                                .slowHandlerThreshold(THRESHOLD)
                                .build());
        return Fibers.on(watched, mode);
    }

    private List<LogRecord> warningsAbout(String name) {
        return log.records().stream()
                .filter(each -> each.getMessage().startsWith("watched: fiber " + name + ' '))
                .toList();
    }

    private void assertWarning(String name, String advice, String method) {
        assertThat(warningsAbout(name)).hasSize(1);
        LogRecord warning = warningsAbout(name).get(0);
        assertThat(warning.getLevel()).isEqualTo(Level.WARNING);
        assertThat(warning.getMessage())
                .matches(".* has not returned for \\d+ ms and blocks its loop; " + advice + ".*");
        assertThat(warning.getThrown()).hasMessage("thread " + name + " is here");
        assertThat(Arrays.stream(warning.getThrown().getStackTrace()))
                .as("the stack of the fiber")
                .anyMatch(frame -> frame.getMethodName().equals(method));
    }

    @EachMode(FiberMode.LOOP)
    void fiberThatComputesForLongIsLoggedWithNameAndStack() throws Exception {
        Fibers own = watched();
        Fiber<?> fiber = own.start("thinker", this::computeUntilLogged);
        own.run();
        fiber.join();
        assertWarning("thinker", "move long computations to callIn", "computeUntilLogged");
    }

    private void computeUntilLogged() {
        long start = System.nanoTime();
        while (warningsAbout("thinker").isEmpty()) {
            assertThat(System.nanoTime() - start).isLessThan(DEADLINE.toNanos());
        }
    }

    @EachMode(FiberMode.LOOP)
    void fiberThatWaitsWhilePinnedIsLoggedWithNameAndStack() throws Exception {
        Fibers own = watched();
        Fiber<?> fiber = own.start("pinned", FiberDiagnosisTest::waitInAnInitializer);
        log.onRecord(
                each -> {
                    if (!warningsAbout("pinned").isEmpty()) {
                        endPinned(fiber);
                    }
                });
        own.run();
        fiber.join();
        assertWarning("pinned", "it waits while it is pinned: ", "waitPinned");
    }

    @EachMode({FiberMode.JDK, FiberMode.PLATFORM})
    void pinnedFiberDoesNotHoldUpTheLoop() throws Exception {
        Fibers own = watched();
        Fiber<?> fiber = own.start("pinned", FiberDiagnosisTest::waitInAnInitializer);
        own.loop().callLater(THRESHOLD.multipliedBy(3), () -> endPinned(fiber));
        own.run();
        fiber.join();
        assertThat(warningsAbout("pinned")).isEmpty();
    }

    private static void endPinned(Fiber<?> fiber) {
        PINNED_MAY_END.set(true);
        LockSupport.unpark(fiber.thread());
    }

    /** The JVM calls initializers by a native frame, which pins a virtual thread. */
    private static void waitInAnInitializer() throws Exception {
        PINNED_MAY_END.set(false);
        try (InputStream bytes =
                FiberDiagnosisTest.class.getResourceAsStream("FiberDiagnosisTest$Pinned.class")) {
            var unused = MethodHandles.lookup().defineHiddenClass(bytes.readAllBytes(), true);
        }
    }

    static void waitPinned() {
        while (!PINNED_MAY_END.get()) {
            LockSupport.park();
        }
    }

    /** Waits in its initializer. Each hidden class made of it is initialized once. */
    private static final class Pinned {
        static {
            waitPinned();
        }
    }
}
