package io.uloop.poller.kqueue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.uloop.poller.Errno;
import io.uloop.poller.PollerException;
import io.uloop.poller.posix.PosixDescriptors;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Opening process descriptors, and cleanup after failures. */
class KqueueProcessTest extends ScriptedKqueueTest {
    private static final int PID = 4711;

    private int open(long pid) throws PollerException {
        return KqueueProcess.open(kernel, FREEBSD, pid);
    }

    private static void assertFails(String syscall, Errno errno, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        PollerException.class,
                        e -> {
                            assertThat(e.errno()).isEqualTo(errno);
                            assertThat(e.syscall()).isEqualTo(syscall);
                        });
    }

    @Test
    void processIsAKqueueWithOneFilter() throws IOException {
        int process = open(PID);
        assertThat(kernel.lists).containsExactly("ADD PROC EXIT");
        assertThat(kernel.closed).isFalse();
        kernel.close(process);
    }

    @Test
    void withProcessesSharesCounts() throws IOException {
        PosixDescriptors descriptors = DESCRIPTORS.withProcesses(this::open);
        kernel.close(descriptors.pidfd(PID));
        assertThat(kernel.lists).containsExactly("ADD PROC EXIT");
        int[] ends = pipe();
        int copy = descriptors.dup(ends[0]);
        int closes = DESCRIPTORS.closes(copy);
        descriptors.close(copy);
        assertThat(DESCRIPTORS.closes(copy)).isEqualTo(closes + 1);
        int before = DESCRIPTORS.activity(ends[1]);
        descriptors.write(ends[1], ByteBuffer.allocate(1));
        assertThat(DESCRIPTORS.activity(ends[1])).isEqualTo(before + 1);
    }

    @ParameterizedTest
    @EnumSource(
            value = Errno.class,
            names = {"ESRCH", "EACCES", "ENOMEM"})
    void oneThatCannotBeWatchedLeavesNothingOpen(Errno errno) {
        kernel.fail("ADD PROC", errno);
        assertFails("kevent", errno, () -> open(PID));
        assertThat(kernel.closed).isTrue();
    }

    @Test
    void receiptWithOnlyAnErrnoIsAccepted() throws IOException {
        kernel.bareReceipts = true;
        kernel.close(open(PID));
        kernel.fail("ADD PROC", Errno.ESRCH);
        assertThatThrownBy(() -> open(PID)).hasMessageContaining("pid=" + PID, "ESRCH");
    }

    @Test
    void failedCallLeavesNothingOpen() {
        kernel.fail("list", Errno.ENOMEM);
        assertFails("kevent", Errno.ENOMEM, () -> open(PID));
        assertThat(kernel.closed).isTrue();
    }

    @Test
    void missingReceiptIsAFailure() {
        kernel.receiptsLost = 1;
        assertFails("kevent", Errno.EIO, () -> open(PID));
        assertThat(kernel.closed).isTrue();
    }

    @Test
    void openWithoutDescriptorsFails() {
        kernel.fail("kqueue", Errno.EMFILE);
        assertFails("kqueue", Errno.EMFILE, () -> open(PID));
        assertThat(kernel.lists).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1, 1L << 32, (1L << 32) + PID, Long.MIN_VALUE})
    void pidOutOfRangeFails(long pid) {
        assertFails("kevent", Errno.ESRCH, () -> open(pid));
        assertThat(kernel.lists).isEmpty();
    }
}
