package io.uloop.poller.posix;

import static io.uloop.poller.posix.Failures.assertFails;
import static io.uloop.poller.tck.Waiting.until;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.uloop.poller.Errno;
import io.uloop.poller.posix.call.Libc;
import io.uloop.poller.posix.memory.Scratch;
import io.uloop.poller.tck.NoDescriptorLeak;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(NoDescriptorLeak.class)
final class LinuxFilesTest {
    private static final int IN_CREATE = 0x100;
    private static final int IN_MODIFY = 0x2;
    private static final int IN_IGNORED = 0x8000;
    private static final long MILLISECOND = TimeUnit.MILLISECONDS.toNanos(1);

    private final PosixDescriptors descriptors = PosixDescriptors.INSTANCE;
    private final ByteBuffer bytes = ByteBuffer.allocate(1024).order(ByteOrder.nativeOrder());
    private int fd = -1;

    @TempDir private Path directory;

    @AfterEach
    void close() throws IOException {
        if (fd >= 0) {
            descriptors.close(fd);
        }
    }

    /** Returns the value of the counter, or 0 if reading it would block. */
    private long count() throws IOException {
        int moved = descriptors.read(fd, bytes.clear());
        assertThat(moved).isIn(0, Long.BYTES);
        return moved == 0 ? 0 : bytes.getLong(0);
    }

    private void add(long number) throws IOException {
        bytes.clear().limit(Long.BYTES);
        assertThat(descriptors.write(fd, bytes.putLong(0, number))).isEqualTo(Long.BYTES);
    }

    @Test
    void counterAddsUpAndReadResetsIt() throws IOException {
        fd = descriptors.eventfd(3);
        assertThat(count()).isEqualTo(3);
        assertThat(count()).isZero();
        add(5);
        add(7);
        assertThat(count()).isEqualTo(12);
    }

    @Test
    void fullCounterBlocks() throws IOException {
        fd = descriptors.eventfd(0);
        add(-2); // the largest unsigned 64-bit value, less one
        assertThat(descriptors.write(fd, bytes.putLong(0, 1).position(0))).isZero();
        assertThat(count()).isEqualTo(-2);
    }

    @Test
    void negativeCounterIsRejected() {
        assertFails(Errno.EINVAL, () -> descriptors.eventfd(-1));
    }

    @Test
    void timerIsSilentUntilSet() throws IOException {
        fd = descriptors.timerfd();
        assertThat(count()).isZero();
        long start = System.nanoTime();
        descriptors.setTimer(fd, 20 * MILLISECOND, 0);
        until(() -> count() == 1);
        assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(20 * MILLISECOND);
        assertThat(count()).isZero();
    }

    @Test
    void timerRepeats() throws IOException {
        fd = descriptors.timerfd();
        descriptors.setTimer(fd, 1, MILLISECOND);
        long[] total = {0};
        until(() -> (total[0] += count()) > 3);
    }

    @Test
    void longTimesKeepSecondsAndNanoseconds() throws IOException {
        fd = descriptors.timerfd();
        descriptors.setTimer(fd, TimeUnit.DAYS.toNanos(1) + 1, Long.MAX_VALUE);
        assertThat(count()).isZero();
        descriptors.setTimer(fd, 0, 5);
        assertThat(count()).as("disarmed").isZero();
    }

    @Test
    void negativeTimesAreRejected() throws IOException {
        fd = descriptors.timerfd();
        assertFails(Errno.EINVAL, () -> descriptors.setTimer(fd, -1, 0));
        assertFails(Errno.EINVAL, () -> descriptors.setTimer(fd, 1, -1));
        assertFails(Errno.EINVAL, () -> descriptors.setTimer(fd, -TimeUnit.DAYS.toNanos(1), 0));
    }

    @Test
    void setTimerOnAnotherFileFails() throws IOException {
        fd = descriptors.eventfd(0);
        assertFails(Errno.EINVAL, () -> descriptors.setTimer(fd, 1, 1));
        assertFails(Errno.EINVAL, () -> descriptors.watch(fd, directory, IN_CREATE));
        assertFails(Errno.EINVAL, () -> descriptors.unwatch(fd, 1));
    }

    @Test
    void inotifyReportsWatchAndEvent() throws IOException {
        fd = descriptors.inotify();
        int watch = descriptors.watch(fd, directory, IN_CREATE);
        assertThat(descriptors.watch(fd, directory, IN_CREATE | IN_MODIFY)).isEqualTo(watch);
        assertThat(descriptors.read(fd, bytes.clear())).isZero();
        Files.createFile(directory.resolve("new"));
        until(() -> descriptors.read(fd, bytes.clear()) > 0);
        assertThat(bytes.getInt(0)).isEqualTo(watch);
        assertThat(bytes.getInt(4)).isEqualTo(IN_CREATE);
        assertThat(bytes.get(16)).isEqualTo((byte) 'n');
    }

    @Test
    void unwatchStopsEvents() throws IOException {
        fd = descriptors.inotify();
        int watch = descriptors.watch(fd, directory, IN_CREATE);
        descriptors.unwatch(fd, watch);
        Files.createFile(directory.resolve("new"));
        assertThat(descriptors.read(fd, bytes.clear())).isEqualTo(16);
        assertThat(bytes.getInt(0)).isEqualTo(watch);
        assertThat(bytes.getInt(4)).isEqualTo(IN_IGNORED);
        assertFails(Errno.EINVAL, () -> descriptors.unwatch(fd, watch));
    }

    @Test
    void watchOfMissingPathFails() throws IOException {
        fd = descriptors.inotify();
        Path missing = directory.resolve("missing");
        assertThat(assertFails(Errno.ENOENT, () -> descriptors.watch(fd, missing, IN_CREATE)))
                .hasMessageContaining(missing.toString());
    }

    @Test
    void processBecomesReadableWhenItEnds() throws Exception {
        Process child = new ProcessBuilder("cat").start(); // exits at the end of its input
        try {
            fd = descriptors.pidfd(child.pid());
            assertThat(isReadable()).isFalse();
            child.getOutputStream().close();
            until(this::isReadable);
        } finally {
            child.destroyForcibly();
            child.waitFor();
            child.getInputStream().close();
            child.getErrorStream().close();
        }
    }

    private boolean isReadable() {
        Scratch scratch = Scratch.mine();
        scratch.block().putInt(Scratch.VALUE, fd).putShort(Scratch.VALUE + 4, (short) 1);
        return Libc.CALLS.poll(scratch.address(Scratch.VALUE), 1, 0) == 1;
    }

    @Test
    void missingProcessFails() {
        assertFails(Errno.ESRCH, () -> descriptors.pidfd(Integer.MAX_VALUE));
        assertFails(Errno.ESRCH, () -> descriptors.pidfd(1L << 40));
        assertFails(Errno.EINVAL, () -> descriptors.pidfd(-1));
    }

    @Test
    void otherSystemsThrowUnsupported() {
        PosixDescriptors elsewhere = new PosixDescriptors(Libc.CALLS, false);
        assertUnsupported(() -> elsewhere.eventfd(0), "eventfd");
        assertUnsupported(elsewhere::timerfd, "timerfd");
        assertUnsupported(() -> elsewhere.setTimer(0, 0, 0), "timerfd");
        assertUnsupported(elsewhere::inotify, "inotify");
        assertUnsupported(() -> elsewhere.watch(0, directory, IN_CREATE), "inotify");
        assertUnsupported(() -> elsewhere.unwatch(0, 1), "inotify");
        assertUnsupported(() -> elsewhere.pidfd(1), "pidfd");
    }

    private static void assertUnsupported(ThrowingCallable call, String name) {
        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(call)
                .withMessageContaining(name);
    }
}
