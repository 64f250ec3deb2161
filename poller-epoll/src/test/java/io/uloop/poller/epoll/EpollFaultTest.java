package io.uloop.poller.epoll;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.uloop.poller.Errno;
import io.uloop.poller.PollerException;
import io.uloop.poller.UEvent;
import io.uloop.poller.posix.PosixDescriptors;
import io.uloop.poller.posix.call.Linux;
import io.uloop.poller.posix.call.NativeAccess;
import io.uloop.poller.posix.call.Posix;
import io.uloop.poller.tck.Ends;
import io.uloop.poller.tck.NoDescriptorLeak;
import io.uloop.poller.tck.OpenDescriptors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * System calls fail: nothing leaks, each exception names its call, and registrations are unchanged.
 */
@ExtendWith(NoDescriptorLeak.class)
class EpollFaultTest {
    private static final PosixDescriptors DESCRIPTORS = PosixDescriptors.INSTANCE;

    private final FaultyEpoll calls = new FaultyEpoll();
    private final List<Integer> seen = new ArrayList<>();
    private int[] pipe = {};

    @BeforeAll
    static void openWhatStaysOpen() throws IOException {
        NativeAccess.unavailability(); // loads the library
        EpollPoller.open(Linux.CALLS).close();
    }

    @BeforeEach
    void openPipe() throws IOException {
        pipe = Ends.of(DESCRIPTORS.pipe());
    }

    @AfterEach
    void closePipe() throws IOException {
        DESCRIPTORS.close(pipe[0]);
        DESCRIPTORS.close(pipe[1]);
    }

    private void see(int fd, int events) {
        seen.add(fd);
    }

    private void fill() throws IOException {
        DESCRIPTORS.write(pipe[1], ByteBuffer.allocate(1));
    }

    private static void assertErrno(String syscall, Errno errno, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        PollerException.class,
                        e -> {
                            assertThat(e.syscall()).isEqualTo(syscall);
                            assertThat(e.errno()).isEqualTo(errno);
                            assertThat(e).hasMessageContaining(syscall + "(");
                        });
    }

    @Test
    void openWithoutDescriptorsFails() {
        calls.fail("epoll_create1", Posix.number(Errno.EMFILE));
        assertErrno("epoll_create1", Errno.EMFILE, () -> EpollPoller.open(calls));
    }

    @Test
    void openWithoutRoomForTheWakeupLeavesNothingOpen() {
        SortedMap<Integer, String> before = OpenDescriptors.now();
        calls.fail("ADD", Posix.number(Errno.ENOSPC));
        assertErrno("epoll_ctl", Errno.ENOSPC, () -> EpollPoller.open(calls));
        OpenDescriptors.assertNoneSince(before);
    }

    @Test
    void addBeyondTheWatchLimitFails() throws IOException {
        try (EpollPoller poller = EpollPoller.open(calls)) {
            calls.fail("ADD", Posix.number(Errno.ENOSPC));
            assertErrno("epoll_ctl", Errno.ENOSPC, () -> poller.add(pipe[0], UEvent.IN));
            poller.add(pipe[0], UEvent.IN);
            fill();
            poller.poll(0, this::see);
            assertThat(seen).containsExactly(pipe[0]);
        }
    }

    @Test
    void modifyWithoutMemoryKeepsTheInterest() throws IOException {
        try (EpollPoller poller = EpollPoller.open(calls)) {
            poller.add(pipe[0], UEvent.IN);
            calls.fail("MOD", Posix.number(Errno.ENOMEM));
            assertErrno("epoll_ctl", Errno.ENOMEM, () -> poller.modify(pipe[0], UEvent.PRI));
            fill();
            poller.poll(0, this::see);
            assertThat(seen).containsExactly(pipe[0]);
        }
    }

    @Test
    void modifyExclusiveWithoutMemoryKeepsTheInterest() throws IOException {
        try (EpollPoller poller = EpollPoller.open(calls)) {
            poller.add(pipe[0], UEvent.IN | UEvent.EXCLUSIVE);
            calls.fail("ADD", Posix.number(Errno.ENOMEM));
            assertErrno("epoll_ctl", Errno.ENOMEM, () -> poller.modify(pipe[0], UEvent.PRI));
            fill();
            poller.poll(0, this::see);
            assertThat(seen).containsExactly(pipe[0]);
        }
    }

    @Test
    void modifyAfterForeignCloseFailsAndDeregisters() throws IOException {
        try (EpollPoller poller = EpollPoller.open(calls)) {
            poller.add(pipe[0], UEvent.IN);
            calls.fail("MOD", Posix.number(Errno.ENOENT));
            assertErrno("epoll_ctl", Errno.EBADF, () -> poller.modify(pipe[0], UEvent.PRI));
            assertErrno("epoll_ctl", Errno.ENOENT, () -> poller.remove(pipe[0]));
        }
    }

    @Test
    void signalDoesNotEndTheWait() throws IOException {
        try (EpollPoller poller = EpollPoller.open(calls)) {
            long timeoutNanos = 2_000_000;
            calls.fail("epoll_pwait2", Posix.number(Errno.EINTR))
                    .fail("epoll_pwait2", Posix.number(Errno.EINTR));
            long start = System.nanoTime();
            assertThat(poller.poll(timeoutNanos, this::see)).isZero();
            assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(timeoutNanos);
        }
    }

    /** A signal is over when the failed call is repeated to learn why it failed. */
    @Test
    void signalDoesNotEndTheWaitWithoutTimeout() throws IOException {
        try (EpollPoller poller = EpollPoller.open(calls)) {
            poller.add(pipe[0], UEvent.IN);
            fill();
            calls.fail("quick_epoll_wait", 0).fail("epoll_wait", Posix.number(Errno.EINTR));
            assertThat(poller.poll(-1, this::see)).isOne();
            calls.fail("quick_epoll_wait", 0);
            assertThat(poller.poll(-1, this::see)).isOne();
        }
    }

    /** A seccomp filter may reject an unknown call with EPERM. */
    @ParameterizedTest
    @EnumSource(names = {"ENOSYS", "EPERM"})
    void missingPwait2FallsBackToMilliseconds(Errno errno) throws IOException {
        try (EpollPoller poller = EpollPoller.open(calls)) {
            long timeoutNanos = 1_500_000;
            calls.fail("epoll_pwait2", Posix.number(errno));
            do { // again if the time has passed before the wait
                long start = System.nanoTime();
                assertThat(poller.poll(timeoutNanos, this::see)).isZero();
                assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(timeoutNanos);
            } while (!calls.made.contains("epoll_wait"));
            poller.poll(1, this::see);
            assertThat(calls.made).containsOnlyOnce("epoll_pwait2");
        }
    }

    @Test
    void waitWithoutMemoryIsRetried() throws IOException {
        try (EpollPoller poller = EpollPoller.open(calls)) {
            poller.add(pipe[0], UEvent.IN);
            fill();
            calls.fail("epoll_pwait2", Posix.number(Errno.ENOMEM));
            assertThat(poller.poll(1_000_000_000, this::see)).isOne();
            calls.fail("epoll_pwait2", Posix.number(Errno.ENOSYS))
                    .fail("epoll_wait", Posix.number(Errno.ENOMEM));
            assertThat(poller.poll(1_000_000_000, this::see)).isOne();
            calls.fail("quick_epoll_wait", 0).fail("epoll_wait", Posix.number(Errno.ENOMEM));
            assertThat(poller.poll(-1, this::see)).isOne();
            assertThat(calls.made).containsOnlyOnce("epoll_create1");
        }
    }

    @Test
    void failedWaitThrowsAndTheNextOneWorks() throws IOException {
        try (EpollPoller poller = EpollPoller.open(calls)) {
            calls.fail("epoll_pwait2", Posix.number(Errno.EFAULT));
            assertErrno("epoll_pwait2", Errno.EFAULT, () -> poller.poll(1_000_000_000, this::see));
            calls.fail("quick_epoll_wait", 0).fail("epoll_wait", Posix.number(Errno.EBADF));
            assertErrno("epoll_wait", Errno.EBADF, () -> poller.poll(0, this::see));
            assertThat(poller.poll(0, this::see)).isZero();
        }
    }

    @Test
    void smallArrayDeliversAllEvents() throws IOException {
        List<int[]> pipes = new ArrayList<>();
        calls.eventLimit = 3;
        try (EpollPoller poller = EpollPoller.open(calls)) {
            for (int i = 0; i < 20; i++) {
                int[] next = Ends.of(DESCRIPTORS.pipe());
                pipes.add(next);
                DESCRIPTORS.write(next[1], ByteBuffer.allocate(1));
                poller.add(next[0], UEvent.IN | UEvent.ONESHOT);
            }
            while (poller.poll(0, this::see) > 0) {
                assertThat(seen).doesNotHaveDuplicates();
            }
            assertThat(seen).hasSize(20);
        } finally {
            for (int[] ends : pipes) {
                DESCRIPTORS.close(ends[0]);
                DESCRIPTORS.close(ends[1]);
            }
        }
    }

    @Test
    void failedRepairKeepsTheOldSetAndIsRetried() throws IOException {
        int dup = DESCRIPTORS.dup(pipe[0]);
        int[] other = Ends.of(DESCRIPTORS.pipe());
        try (EpollPoller poller = EpollPoller.open(calls)) {
            poller.add(pipe[0], UEvent.IN);
            poller.add(other[0], UEvent.IN);
            fill();
            DESCRIPTORS.close(pipe[0]);
            calls.fail("epoll_create1", Posix.number(Errno.EMFILE));
            assertThat(poller.poll(0, this::see)).isZero();
            calls.fail("epoll_create1", Posix.number(Errno.EINVAL));
            assertErrno("epoll_create1", Errno.EINVAL, () -> poller.poll(0, this::see));
            calls.fail("dup3", Posix.number(Errno.EBUSY));
            assertErrno("dup3", Errno.EBUSY, () -> poller.poll(0, this::see));
            assertThat(poller.poll(0, this::see)).isZero();
            poller.modify(other[0], UEvent.IN | UEvent.PRI);
            DESCRIPTORS.write(other[1], ByteBuffer.allocate(1));
            poller.poll(0, this::see);
            assertThat(seen).containsExactly(other[0]);
        } finally {
            DESCRIPTORS.close(other[0]);
            DESCRIPTORS.close(other[1]);
            pipe[0] = dup;
        }
    }
}
