package io.uloop.poller.poll;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.uloop.poller.Errno;
import io.uloop.poller.PollerException;
import io.uloop.poller.UEvent;
import io.uloop.poller.posix.PosixDescriptors;
import io.uloop.poller.posix.call.Libc;
import io.uloop.poller.posix.call.PollCalls;
import io.uloop.poller.posix.call.Posix;
import io.uloop.poller.tck.Ends;
import io.uloop.poller.tck.NoDescriptorLeak;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * System calls fail: nothing leaks, each exception names its call, and registrations are unchanged.
 */
@ExtendWith(NoDescriptorLeak.class)
class PollFaultTest {
    private static final PosixDescriptors DESCRIPTORS = PosixDescriptors.INSTANCE;

    private static final long LONG_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final FaultyPoll calls = new FaultyPoll();
    private final List<Integer> seen = new ArrayList<>();
    private final List<int[]> pipes = new ArrayList<>();

    @BeforeAll
    static void openWhatStaysOpen() throws IOException {
        PollPoller.open(Libc.CALLS).close(); // loads the library
    }

    @AfterEach
    void closePipes() throws IOException {
        for (int[] ends : pipes) {
            DESCRIPTORS.close(ends[0]);
            DESCRIPTORS.close(ends[1]);
        }
    }

    private int readablePipe() throws IOException {
        int[] ends = Ends.of(DESCRIPTORS.pipe());
        pipes.add(ends);
        DESCRIPTORS.write(ends[1], ByteBuffer.allocate(1));
        return ends[0];
    }

    private void see(int fd, int events) {
        seen.add(fd);
    }

    @Test
    void signalDoesNotEndTheWait() throws IOException {
        try (PollPoller poller = PollPoller.open(calls)) {
            long timeoutNanos = 2_000_000;
            calls.faults.add(Errno.EINTR);
            calls.faults.add(Errno.EINTR);
            long start = System.nanoTime();
            assertThat(poller.poll(timeoutNanos, this::see)).isZero();
            assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(timeoutNanos);
        }
    }

    @Test
    void missingPpollFallsBackToMilliseconds() throws IOException {
        calls.hasPpoll = false;
        try (PollPoller poller = PollPoller.open(calls)) {
            long timeoutNanos = 1_500_000;
            long start = System.nanoTime();
            assertThat(poller.poll(timeoutNanos, this::see)).isZero();
            assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(timeoutNanos);
            poller.add(readablePipe(), UEvent.IN);
            assertThat(poller.poll(timeoutNanos, this::see)).isOne();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"ENOSYS", "EPERM"})
    void rejectedPpollFallsBackToPoll(Errno errno) throws IOException {
        try (PollPoller poller = PollPoller.open(calls)) {
            poller.add(readablePipe(), UEvent.IN);
            calls.faults.add(errno);
            assertThat(poller.poll(LONG_NANOS, this::see)).isOne();
            assertThat(poller.poll(LONG_NANOS, this::see)).isOne();
            assertThat(calls.ppolls).isOne();
        }
    }

    @Test
    void waitWithoutMemoryIsRetried() throws IOException {
        for (boolean ppoll : new boolean[] {true, false}) {
            calls.hasPpoll = ppoll;
            try (PollPoller poller = PollPoller.open(calls)) {
                poller.add(readablePipe(), UEvent.IN);
                for (long timeoutNanos : new long[] {LONG_NANOS, -1}) {
                    calls.faults.add(Errno.ENOMEM);
                    calls.faults.add(Errno.EAGAIN);
                    assertThat(poller.poll(timeoutNanos, this::see)).isOne();
                }
            }
        }
    }

    @Test
    void failedWaitThrowsAndTheNextOneWorks() throws IOException {
        try (PollPoller poller = PollPoller.open(calls)) {
            poller.add(readablePipe(), UEvent.IN);
            for (String call : List.of("ppoll", "poll")) {
                long timeoutNanos = call.equals("ppoll") ? LONG_NANOS : -1;
                calls.faults.add(Errno.EFAULT);
                assertThatThrownBy(() -> poller.poll(timeoutNanos, this::see))
                        .isInstanceOfSatisfying(
                                PollerException.class,
                                e -> {
                                    assertThat(e.syscall()).isEqualTo(call);
                                    assertThat(e.errno()).isEqualTo(Errno.EFAULT);
                                });
                assertThat(poller.poll(timeoutNanos, this::see)).isOne();
            }
        }
    }

    @Test
    void signalDoesNotEndTheWaitWithoutTimeout() throws IOException {
        try (PollPoller poller = PollPoller.open(calls)) {
            poller.add(readablePipe(), UEvent.IN);
            calls.faults.add(Errno.EINTR);
            assertThat(poller.poll(-1, this::see)).isOne();
        }
    }

    @Test
    void scanStartsOneFurtherEachTime() throws IOException {
        try (PollPoller poller = PollPoller.open(calls)) {
            for (int i = 0; i < 3; i++) {
                poller.add(readablePipe(), UEvent.IN);
            }
            List<Integer> firsts = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                seen.clear();
                assertThat(poller.poll(0, this::see)).isEqualTo(3);
                firsts.add(seen.get(0));
            }
            assertThat(firsts).doesNotHaveDuplicates();
        }
    }

    @Test
    void arrayGrowsAndShrinksWithoutLosingEntries() throws IOException {
        try (PollPoller poller = PollPoller.open(calls)) {
            List<Integer> fds = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                int fd = readablePipe();
                fds.add(fd);
                poller.add(fd, UEvent.IN);
            }
            for (int i = 0; i < 200; i += 2) {
                poller.remove(fds.get(i));
            }
            assertThat(poller.poll(0, this::see)).isEqualTo(100);
            assertThat(seen).doesNotHaveDuplicates().allMatch(fd -> fds.indexOf(fd) % 2 == 1);
        }
    }

    /** Forwards to the kernel, except for calls that a test makes fail. */
    private static final class FaultyPoll implements PollCalls {
        final Deque<Errno> faults = new ArrayDeque<>();
        boolean hasPpoll = true;
        int ppolls;

        private boolean fails() {
            Errno fault = faults.poll();
            if (fault == null) {
                return false;
            }
            Posix.setErrno(Posix.number(fault));
            return true;
        }

        @Override
        public int poll(long descriptors, long count, int timeoutMillis) {
            return fails() ? -1 : Libc.CALLS.poll(descriptors, count, timeoutMillis);
        }

        @Override
        public int quick_poll(long descriptors, long count, int timeoutMillis) {
            return faults.isEmpty()
                    ? Libc.CALLS.quick_poll(descriptors, count, timeoutMillis)
                    : -1; // poll finds the fault
        }

        @Override
        public int ppoll(long descriptors, long count, long timespec, long signalMask) {
            ppolls++;
            if (!hasPpoll) {
                throw new UnsatisfiedLinkError("ppoll");
            }
            return fails() ? -1 : Libc.CALLS.ppoll(descriptors, count, timespec, signalMask);
        }
    }
}
