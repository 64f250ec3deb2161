package io.uloop;

import static org.assertj.core.api.Assertions.assertThat;

import io.uloop.internal.LoopAccess;
import io.uloop.internal.LoopEnd;
import io.uloop.net.TcpChannel;
import io.uloop.net.TcpListener;
import io.uloop.poller.Descriptors;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests that the error handler gets what a callback has thrown, as it was thrown. */
class ThrownExceptionTest extends EachBackend {
    private record Report(FailedCallback callback, Exception error) {}

    private final IOException thrown = new IOException("thrown by the test");
    private final List<Report> reports = new ArrayList<>();
    private Uloop tested;

    @BeforeEach
    void openTested() throws IOException {
        tested =
                closing(
                        Uloop.builder()
                                .poller(provider)
                                .errorHandler(
                                        (where, callback, error) -> {
                                            assertThat(where).isSameAs(tested);
                                            reports.add(new Report(callback, error));
                                        })
                                .build());
    }

    @AfterEach
    void nothingElseWasReported() {
        assertThat(reports).isEmpty();
    }

    private void fail() throws IOException {
        throw thrown;
    }

    private void runUntilReported() throws IOException {
        long start = System.nanoTime();
        while (reports.isEmpty()) {
            assertThat(System.nanoTime() - start).isLessThan(DEADLINE.toNanos());
            tested.runOnce(TimeUnit.MILLISECONDS.toNanos(20));
        }
    }

    private void assertReported(String kind, Object callback) throws IOException {
        assertReported(kind, callback, Descriptors.NONE, 0);
    }

    private void assertReported(String kind, Object callback, int fd, int events)
            throws IOException {
        runUntilReported();
        Report report = reports.remove(0);
        assertThat(report.error()).isSameAs(thrown);
        assertThat(report.callback()).isEqualTo(new FailedCallback(kind, callback, fd, events));
    }

    @Test
    void ofHandler() throws IOException {
        int fd = readablePipe();
        EventHandler handler =
                (number, events) -> {
                    tested.remove(number);
                    fail();
                };
        tested.add(fd, UEvent.IN, handler);
        assertReported("handler", handler, fd, UEvent.IN);
    }

    @Test
    void ofReaderAndWriter() throws IOException {
        int fd = readablePipe();
        ReadWriteProcs procs = new ReadWriteProcs(tested, fd);
        procs.setReader(
                (number, data, events) -> {
                    procs.close();
                    fail();
                },
                "data");
        assertReported("handler", procs, fd, UEvent.IN);
    }

    @Test
    void ofPostedTask() throws IOException {
        LoopTask task = this::fail;
        tested.post(task);
        assertReported("task", task);
    }

    @Test
    void ofTaskForTheNextTurn() throws IOException {
        LoopTask task = this::fail;
        tested.callSoon(task);
        assertReported("task", task);
    }

    @Test
    void ofExecutedRunnable() throws IOException {
        IllegalStateException unchecked = new IllegalStateException("thrown by the test");
        Runnable task =
                () -> {
                    throw unchecked;
                };
        tested.execute(task);
        runUntilReported();
        Report report = reports.remove(0);
        assertThat(report.error()).isSameAs(unchecked);
        assertThat(report.callback())
                .isEqualTo(new FailedCallback("task", task, Descriptors.NONE, 0));
    }

    @Test
    void ofTimers() throws IOException {
        LoopTask task = this::fail;
        tested.callLater(Duration.ZERO, task);
        assertReported("timer", task);
        tested.callAt(Instant.EPOCH, task);
        assertReported("timer", task);
        Timer repeating = tested.callEvery(Duration.ofNanos(1), task);
        assertReported("timer", task);
        assertThat(repeating.isActive()).isTrue();
        repeating.close();
    }

    @Test
    void ofHooks() throws IOException {
        LoopTask task = this::fail;
        Handle before = tested.beforePoll(task);
        tested.runOnce(0);
        assertReported("hook", task);
        before.close();
        Handle after = tested.afterPoll(task);
        tested.runOnce(0);
        assertReported("hook", task);
        after.close();
    }

    @Test
    void ofSubmittedWorkReachesTheFutureOnly() throws IOException {
        CompletableFuture<Object> submitted =
                tested.submit(
                        () -> {
                            throw thrown;
                        });
        CompletableFuture<Object> called =
                tested.callIn(
                        Runnable::run,
                        () -> {
                            throw thrown;
                        });
        tested.runUntilIdle();
        List<Throwable> errors = new ArrayList<>();
        var unused = submitted.whenComplete((value, error) -> errors.add(error));
        unused = called.whenComplete((value, error) -> errors.add(error));
        assertThat(errors).containsExactly(thrown, thrown);
    }

    @Test
    void ofEndHandler() throws IOException {
        LoopEnd handler = caller -> fail();
        LoopAccess.of(tested).addEnd(handler);
        tested.close();
        assertReported("end handler", handler);
    }

    @Test
    void ofAcceptHandler() throws IOException {
        TcpListener listener = closing(TcpListener.open(tested, anyPort()));
        listener.register(channel -> fail());
        closing(TcpChannel.connect(tested, listener.getLocalAddress()));
        runUntilReported();
        Report report = reports.remove(0);
        assertThat(report.error()).isSameAs(thrown);
        assertThat(report.callback().kind()).isEqualTo("handler");
        assertThat(report.callback().fd()).isEqualTo(listener.fd());
        assertThat(report.callback().events()).isEqualTo(UEvent.IN);
    }

    @Test
    void descriptionNamesCallbackAndEvents() {
        assertThat(new FailedCallback("task", "a task", Descriptors.NONE, 0))
                .hasToString("task a task");
        assertThat(new FailedCallback("handler", "a handler", 5, UEvent.IN))
                .hasToString("handler a handler on fd=5 with IN");
    }
}
