package io.uloop.poller.epoll;

import static org.assertj.core.api.Assertions.assertThat;

import io.uloop.poller.UEvent;
import io.uloop.poller.posix.PosixDescriptors;
import io.uloop.poller.posix.call.Linux;
import io.uloop.poller.posix.call.NativeAccess;
import io.uloop.poller.tck.Ends;
import io.uloop.poller.tck.NoDescriptorLeak;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A poller that is busy waits for deadlines with its timer instead of timeouts. */
@ExtendWith(NoDescriptorLeak.class)
class DeadlineTest {
    private static final PosixDescriptors DESCRIPTORS = PosixDescriptors.INSTANCE;
    private static final long FAR_NANOS = TimeUnit.HOURS.toNanos(1);
    private static final long NEAR_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final FaultyEpoll calls = new FaultyEpoll();
    private int[] pipe = {};

    @BeforeAll
    static void openWhatStaysOpen() throws IOException {
        NativeAccess.unavailability(); // loads the library
        EpollPoller.open(Linux.CALLS).close();
    }

    @BeforeEach
    void openReadablePipe() throws IOException {
        pipe = Ends.of(DESCRIPTORS.pipe());
        DESCRIPTORS.write(pipe[1], ByteBuffer.allocate(1));
    }

    @AfterEach
    void closePipe() throws IOException {
        DESCRIPTORS.close(pipe[0]);
        DESCRIPTORS.close(pipe[1]);
    }

    private EpollPoller busyPoller() throws IOException {
        calls.blind = true; // so that all polls wait
        EpollPoller poller = EpollPoller.open(calls);
        poller.add(pipe[0], UEvent.IN);
        return poller;
    }

    private void drain() throws IOException {
        DESCRIPTORS.read(pipe[0], ByteBuffer.allocate(1));
    }

    private static int pollUntil(EpollPoller poller, long deadline) throws IOException {
        return poller.pollUntil(deadline, (fd, events) -> {});
    }

    @Test
    void oneTimeoutIsEnoughForManyWaits() throws IOException {
        try (EpollPoller poller = busyPoller()) {
            long deadline = System.nanoTime() + FAR_NANOS;
            for (int i = 0; i < 10; i++) {
                assertThat(pollUntil(poller, deadline + i)).isOne();
            }
            assertThat(calls.made).containsOnlyOnce("epoll_pwait2");
        }
    }

    @Test
    void timerEndsTheWaitAtTheDeadline() throws IOException {
        try (EpollPoller poller = busyPoller()) {
            long deadline = System.nanoTime() + NEAR_NANOS;
            pollUntil(poller, deadline);
            pollUntil(poller, deadline);
            drain();
            calls.made.clear();
            assertThat(pollUntil(poller, deadline)).isZero();
            assertThat(System.nanoTime() - deadline).isGreaterThanOrEqualTo(0);
            assertThat(calls.made).doesNotContain("epoll_pwait2");
        }
    }

    @Test
    void timerOfAnEarlierDeadlineDoesNotEndALaterOne() throws IOException {
        try (EpollPoller poller = busyPoller()) {
            long early = System.nanoTime() + NEAR_NANOS;
            pollUntil(poller, early);
            pollUntil(poller, early);
            drain();
            long late = early + NEAR_NANOS;
            assertThat(pollUntil(poller, late)).isZero();
            assertThat(System.nanoTime() - late).isGreaterThanOrEqualTo(0);
        }
    }

    @Test
    void earlierDeadlineEndsTheWaitBeforeTheTimer() throws IOException {
        try (EpollPoller poller = busyPoller()) {
            long far = System.nanoTime() + FAR_NANOS;
            pollUntil(poller, far);
            pollUntil(poller, far);
            drain();
            assertThat(pollUntil(poller, System.nanoTime() + NEAR_NANOS)).isZero();
        }
    }

    @Test
    void timerSurvivesTheRepairOfTheSet() throws IOException {
        int[] other = Ends.of(DESCRIPTORS.pipe());
        try (EpollPoller poller = busyPoller()) {
            poller.add(other[0], UEvent.IN);
            long deadline = System.nanoTime() + NEAR_NANOS;
            pollUntil(poller, deadline);
            pollUntil(poller, deadline);
            int dup = DESCRIPTORS.dup(pipe[0]);
            DESCRIPTORS.close(pipe[0]);
            pipe[0] = dup; // readable under a number that the set still reports
            calls.made.clear();
            assertThat(pollUntil(poller, deadline)).isZero();
            assertThat(System.nanoTime() - deadline).isGreaterThanOrEqualTo(0);
            assertThat(calls.made).contains("epoll_create1").doesNotContain("epoll_pwait2");
        } finally {
            DESCRIPTORS.close(other[0]);
            DESCRIPTORS.close(other[1]);
        }
    }

    @Test
    void pastDeadlineDoesNotWait() throws IOException {
        try (EpollPoller poller = EpollPoller.open(calls)) {
            assertThat(pollUntil(poller, System.nanoTime() - 1)).isZero();
        }
    }
}
