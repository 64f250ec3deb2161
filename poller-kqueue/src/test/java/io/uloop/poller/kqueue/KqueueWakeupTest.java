package io.uloop.poller.kqueue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.uloop.poller.Errno;
import io.uloop.poller.PollerException;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Opening a kqueue and its wakeup on each system, and cleanup after failures. */
class KqueueWakeupTest extends ScriptedKqueueTest {
    private static final KqueueAbi OPENBSD =
            Objects.requireNonNull(KqueueAbi.forSystem("OpenBSD", "7.8"));
    private static final KqueueAbi WITHOUT_USER_FILTER =
            new KqueueAbi(FREEBSD.eventBytes(), KqueueAbi.NONE, KqueueAbi.NONE);

    private static void assertFails(String syscall, Errno errno, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        PollerException.class,
                        e -> {
                            assertThat(e.syscall()).isEqualTo(syscall);
                            assertThat(e.errno()).isEqualTo(errno);
                        });
    }

    /** Wakes a poller that waits forever, repeatedly, from another thread. */
    private void assertWakeable(KqueuePoller poller) throws Exception {
        for (int i = 0; i < 100; i++) {
            Thread waker = new Thread(poller::wakeup);
            waker.start();
            assertThat(poller.poll(-1, sink)).isZero();
            waker.join();
            assertThat(poller.poll(0, sink)).isZero();
        }
        assertThat(seen).isEmpty();
    }

    @Test
    void userFilterWakes() throws Exception {
        try (KqueuePoller poller = open(kernel)) {
            assertThat(kernel.lists).containsExactly("ADD USER CLEAR");
            assertWakeable(poller);
        }
    }

    @Test
    void interruptedTriggerIsRepeated() throws Exception {
        try (KqueuePoller poller = open(kernel)) {
            kernel.fail("trigger", Errno.EINTR);
            assertWakeable(poller);
        }
    }

    @Test
    void systemWithoutUserFilterUsesAPipe() throws Exception {
        kernel = new ScriptedKqueue(WITHOUT_USER_FILTER);
        try (KqueuePoller poller = KqueuePoller.open(kernel, WITHOUT_USER_FILTER)) {
            assertThat(kernel.lists).containsExactly("ADD READ");
            int[] owned = IntStream.range(0, 1000).filter(poller::owns).toArray();
            assertThat(owned).as("the queue and both ends").hasSize(3);
            for (int fd : owned) {
                assertErrno(Errno.EINVAL, fd, () -> poller.add(fd, UEvent.IN));
            }
        }
    }

    @Test
    void oldKernelWithoutUserFilterUsesAPipe() throws IOException {
        kernel.fail("ADD USER", Errno.EINVAL);
        try (KqueuePoller poller = open(kernel)) {
            assertThat(kernel.lists).containsExactly("ADD USER CLEAR", "ADD READ");
            assertThat(poller.poll(0, sink)).isZero();
        }
    }

    @Test
    void openWithoutRoomForTheWakeupFails() {
        kernel.fail("ADD USER", Errno.ENOMEM);
        assertFails("kevent", Errno.ENOMEM, () -> open(kernel));
        assertThat(kernel.closed).isTrue();
    }

    @Test
    void openWithoutRoomForThePipeFails() {
        kernel.fail("ADD USER", Errno.EINVAL).fail("ADD READ", Errno.ENOMEM);
        assertFails("kevent", Errno.ENOMEM, () -> open(kernel));
        assertThat(kernel.closed).isTrue();
    }

    @Test
    void openWithoutDescriptorsFails() {
        kernel.fail("kqueue", Errno.EMFILE);
        assertFails("kqueue", Errno.EMFILE, () -> open(kernel));
    }

    @Test
    void openBsdUsesKqueue1() throws IOException {
        kernel = new ScriptedKqueue(OPENBSD);
        KqueuePoller.open(kernel, OPENBSD).close();
        assertThat(kernel.lists).containsExactly("kqueue1(0x10000)", "ADD USER CLEAR");
        kernel = new ScriptedKqueue(OPENBSD).fail("kqueue", Errno.EMFILE);
        assertFails("kqueue1", Errno.EMFILE, () -> KqueuePoller.open(kernel, OPENBSD));
    }

    @Test
    void oldOpenBsdUsesFcntl() throws IOException {
        kernel = new ScriptedKqueue(OPENBSD);
        kernel.hasKqueue1 = false;
        KqueuePoller.open(kernel, OPENBSD).close();
        assertThat(kernel.lists).containsExactly("ADD USER CLEAR");
    }

    @Test
    void signalDoesNotEndTheWait() throws IOException {
        try (KqueuePoller poller = open(kernel)) {
            long timeoutNanos = 2_000_000;
            kernel.fail("wait", Errno.EINTR).fail("wait", Errno.EINTR);
            long start = System.nanoTime();
            assertThat(poller.poll(timeoutNanos, sink)).isZero();
            assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(timeoutNanos);
        }
    }

    @Test
    void failedWaitThrowsAndTheNextOneWorks() throws IOException {
        int fd = socket();
        try (KqueuePoller poller = open(kernel)) {
            poller.add(fd, UEvent.IN);
            kernel.fail("wait", Errno.EFAULT);
            assertFails("kevent", Errno.EFAULT, () -> poller.poll(-1, sink));
            kernel.fire(fd, KqueueCalls.EVFILT_READ);
            assertThat(poll(poller)).containsExactly(fd + " IN");
        }
    }

    @Test
    void waitWithoutMemoryIsRetried() throws IOException {
        int fd = socket();
        try (KqueuePoller poller = open(kernel)) {
            poller.add(fd, UEvent.IN);
            kernel.fail("wait", Errno.ENOMEM).fail("wait", Errno.EAGAIN);
            kernel.fire(fd, KqueueCalls.EVFILT_READ);
            assertThat(poller.poll(-1, sink)).isOne();
        }
    }

    @Test
    void closeEndsTheWaitBeforeClosingTheKqueue() throws Exception {
        KqueuePoller poller = open(kernel);
        FutureTask<Integer> waiting = new FutureTask<>(() -> poller.poll(-1, sink));
        Thread waiter = new Thread(waiting);
        waiter.start();
        await().until(kernel::isWaitedFor);
        poller.close();
        assertThat(waiting.get(60, TimeUnit.SECONDS)).isZero();
        waiter.join();
        assertThat(kernel.closed).isTrue();
    }
}
