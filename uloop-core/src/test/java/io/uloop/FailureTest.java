package io.uloop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.uloop.internal.LoopAccess;
import io.uloop.poller.Errno;
import io.uloop.poller.UEvent;
import io.uloop.poller.tck.ScriptedPoller;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests how exceptions of callbacks are reported and that the loop continues. */
class FailureTest {
    private final ScriptedPoller poller = new ScriptedPoller();
    private final List<String> seen = new ArrayList<>();
    private final CapturedLog log = new CapturedLog("io.uloop");
    private Uloop loop;
    private ErrorHandler errorHandler = (where, source, error) -> {};

    @BeforeEach
    void openLoop() throws IOException {
        loop =
                Uloop.builder()
                        .poller(poller.provider())
                        .name("tested")
                        .errorHandler(
                                (where, source, error) -> {
                                    assertThat(where).isSameAs(loop);
                                    seen.add(source.callback() + " threw " + error.getMessage());
                                    errorHandler.onError(where, source, error);
                                })
                        .build();
    }

    @AfterEach
    void closeLoop() {
        loop.close();
        log.close();
    }

    private record Failing(String name) implements EventHandler, LoopTask {
        @Override
        public void processEvent(int fd, int events) throws IOException {
            throw new IOException("on " + fd);
        }

        @Override
        public void run() {
            throw new IllegalStateException("at run");
        }

        @Override
        public String toString() {
            return name;
        }
    }

    @Test
    void exceptionOfHandlerIsLoggedWithDetailsAndReported() throws IOException {
        loop.add(5, UEvent.IN | UEvent.OUT, new Failing("bad handler"));
        poller.ready(5, UEvent.IN | UEvent.OUT);
        loop.runOnce(0);
        assertThat(log.messages())
                .containsExactly("tested: handler bad handler failed on fd=5 with IN|OUT");
        assertThat(log.records().get(0).getThrown()).isInstanceOf(IOException.class);
        assertThat(seen).containsExactly("bad handler threw on 5");
    }

    @Test
    void throwingHandlerStaysRegisteredAndOthersGetTheirEvents() throws IOException {
        loop.add(3, UEvent.IN, (fd, events) -> seen.add("three"));
        loop.add(4, UEvent.IN, new Failing("bad"));
        loop.add(5, UEvent.IN, (fd, events) -> seen.add("five"));
        for (int turn = 0; turn < 2; turn++) {
            for (int fd = 3; fd <= 5; fd++) {
                poller.ready(fd, UEvent.IN);
            }
            assertThat(loop.runOnce(0)).isEqualTo(3);
        }
        assertThat(seen)
                .containsExactly(
                        "three", "bad threw on 4", "five", "three", "bad threw on 4", "five");
    }

    @Test
    void throwingTasksTimersAndHooksDoNotStopOthers() throws IOException {
        loop.callLater(Duration.ZERO, new Failing("timer"));
        loop.post(new Failing("task"));
        loop.execute(() -> seen.add("next task"));
        loop.beforePoll(new Failing("before"));
        loop.afterPoll(new Failing("after"));
        loop.runOnce(0);
        assertThat(seen)
                .containsExactly(
                        "timer threw at run",
                        "task threw at run",
                        "next task",
                        "before threw at run",
                        "after threw at run");
        assertThat(log.messages())
                .containsExactly(
                        "tested: timer timer failed",
                        "tested: task task failed",
                        "tested: hook before failed",
                        "tested: hook after failed");
    }

    @Test
    void throwingPeriodicTimerContinues() throws IOException {
        Timer timer = loop.addPeriodic(Duration.ofNanos(1), new Failing("tick"));
        loop.runOnce(0);
        loop.runOnce(0);
        assertThat(seen).containsExactly("tick threw at run", "tick threw at run");
        assertThat(timer.isActive()).isTrue();
    }

    @Test
    void throwingErrorHandlerIsOnlyLogged() throws IOException {
        errorHandler = (where, source, error) -> new Failing("handler").run();
        loop.post(new Failing("task"));
        loop.execute(() -> seen.add("next task"));
        loop.runOnce(0);
        assertThat(seen).containsExactly("task threw at run", "next task");
        assertThat(log.messages())
                .containsExactly("tested: task task failed", "tested: the error handler failed");
    }

    @Test
    void errorHandlerMayStopTheLoop() throws IOException {
        errorHandler = (where, source, error) -> where.stop();
        loop.post(new Failing("task"));
        loop.run();
        assertThat(poller.timeouts).containsExactly(0L);
    }

    @Test
    void handlerWhoseToStringThrowsIsStillReported() throws IOException {
        List<Object> sources = new ArrayList<>();
        errorHandler = (where, source, error) -> sources.add(source);
        LoopTask nameless =
                new LoopTask() {
                    @Override
                    public void run() {
                        throw new IllegalStateException("at run");
                    }

                    @Override
                    public String toString() {
                        throw new IllegalArgumentException("no name");
                    }
                };
        loop.post(nameless);
        loop.execute(() -> seen.add("next task"));
        loop.runOnce(0);
        assertThat(log.messages().get(0)).contains("no name").contains(getClass().getName());
        assertThat(seen).containsExactly("next task");
    }

    @Test
    void errorLeavesRunAndKeepsTheOtherCallbacks() throws IOException {
        loop.execute(
                () -> {
                    throw new LinkageError("fatal");
                });
        loop.execute(() -> seen.add("next task"));
        assertThatThrownBy(loop::run).isInstanceOf(LinkageError.class);
        assertThat(loop.inLoop()).isFalse();
        loop.runOnce(0);
        assertThat(seen).containsExactly("next task");
        loop.add(
                3,
                UEvent.IN,
                (fd, events) -> {
                    throw new LinkageError("fatal");
                });
        poller.ready(3, UEvent.IN);
        assertThatThrownBy(loop::run).isInstanceOf(LinkageError.class);
        loop.callLater(
                Duration.ZERO,
                () -> {
                    throw new LinkageError("fatal");
                });
        assertThatThrownBy(loop::run).isInstanceOf(LinkageError.class);
        assertThat(log.messages()).isEmpty();
    }

    @Test
    void failedWaitIsLoggedReportedAndRethrownAtOnce() {
        poller.pollFails = ScriptedPoller.error(-1, Errno.ENOMEM);
        assertThatThrownBy(loop::run).isSameAs(poller.pollFails);
        assertThat(poller.timeouts).hasSize(1);
        assertThat(seen).singleElement().asString().startsWith("Uloop[tested, ").contains("ENOMEM");
        assertThat(log.messages()).singleElement().asString().contains("wait for events");
        assertThat(loop.isOpen()).isTrue();
    }

    @Test
    void interruptedExceptionOfHandlerSetsTheInterrupt() throws IOException {
        loop.add(
                3,
                UEvent.IN,
                (fd, events) -> {
                    throw new InterruptedException("told");
                });
        poller.ready(3, UEvent.IN);
        loop.runOnce(0);
        assertThat(Thread.interrupted()).isTrue();
        assertThat(seen).singleElement().asString().endsWith(" threw told");
    }

    @Test
    void failedCloseActionDoesNotStopTheOthers() {
        LoopAccess.of(loop).addAtClose(new FailingAction("bad action"));
        LoopAccess.of(loop).addAtClose(() -> seen.add("second is closed"));
        CompletableFuture<String> waiting = loop.submit(() -> "never");
        loop.close();
        assertThat(seen).containsExactly("second is closed");
        assertThat(waiting).isCompletedExceptionally();
        assertThat(log.messages()).singleElement().asString().contains("cannot close bad action");
    }

    private record FailingAction(String name) implements Runnable {
        @Override
        public void run() {
            throw new IllegalStateException("at close");
        }

        @Override
        public String toString() {
            return name;
        }
    }

    @Test
    void throwingLoggerDoesNotStopTheErrorHandler() throws IOException {
        List<String> uncaught = new ArrayList<>();
        Thread self = Thread.currentThread();
        Thread.UncaughtExceptionHandler former = self.getUncaughtExceptionHandler();
        self.setUncaughtExceptionHandler((thread, error) -> uncaught.add(error.getMessage()));
        log.onRecord(
                record -> {
                    throw new IllegalStateException("the disk of the log is full");
                });
        try {
            loop.post(new Failing("task"));
            loop.execute(() -> seen.add("next task"));
            loop.runOnce(0);
        } finally {
            self.setUncaughtExceptionHandler(former);
        }
        assertThat(seen).containsExactly("task threw at run", "next task");
        assertThat(uncaught).containsExactly("the disk of the log is full");
    }
}
