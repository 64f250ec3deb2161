package io.uloop.poller.posix.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.uloop.poller.Errno;
import io.uloop.poller.PollerException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

final class PosixTest {
    /** Public only for the stubs. */
    public interface Calls {
        int getpid();

        int no_library_has_this(int fd);
    }

    @Test
    void missingSymbolFailsOnlyWhenCalled() {
        Calls calls = Posix.bind(Calls.class);
        assertThat(calls.getpid()).isEqualTo((int) ProcessHandle.current().pid());
        assertThatExceptionOfType(UnsatisfiedLinkError.class)
                .isThrownBy(() -> calls.no_library_has_this(1));
    }

    @Test
    void failureHasTheErrnoOfTheLastCall() {
        assertThat(Libc.CALLS.dup(-1)).isNegative();
        PollerException failure = Posix.failure("dup", "", 7);
        assertThat(failure.errno()).isEqualTo(Errno.EBADF);
        assertThat(failure.syscall()).isEqualTo("dup");
        assertThat(failure.fd()).isEqualTo(7);
    }

    @ParameterizedTest
    @CsvSource({
        "bind, EACCES, ports below 1024",
        "open, EACCES, Permission denied",
        "epoll_ctl, ENOSPC, fs.epoll.max_user_watches",
        "inotify_add_watch, ENOSPC, fs.inotify.max_user_watches",
        "write, ENOSPC, No space left on device",
        "epoll_ctl, EPERM, regular files are always ready",
        "open, EPERM, Operation not permitted",
        "connect, EAGAIN, backlog is full",
        "read, EMFILE, ulimit -n",
    })
    void explanationDependsOnTheCall(String syscall, Errno errno, String part) {
        assertThat(Posix.failure(syscall, "", 3, Posix.number(errno)))
                .hasMessageStartingWith(syscall + "(fd=3): " + errno.name())
                .hasMessageContaining(part);
    }

    @Test
    void unknownErrnoKeepsItsNumber() {
        assertThat(Posix.errnoName(12_345)).isEqualTo("errno 12345");
        PollerException failure = Posix.failure("read", "", 3, 12_345);
        assertThat(failure.errno()).isEqualTo(Errno.OTHER);
        assertThat(failure)
                .hasMessage("read(fd=3): errno 12345: this system has no description of it");
    }

    @Test
    void errnoWithoutConstantKeepsItsName() {
        int number = jnr.constants.platform.Errno.ENOTBLK.intValue();
        PollerException failure = Posix.failure("mount", "", -1, number);
        assertThat(failure.errno()).isEqualTo(Errno.OTHER);
        assertThat(failure)
                .message()
                .matches("mount\\(\\): (ENOTBLK|errno " + number + "): Block device required");
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "OTHER")
    void numberOfErrnoHasItsName(Errno errno) {
        int number = Posix.number(errno);
        assumeTrue(jnr.constants.platform.Errno.valueOf(errno.name()).defined());
        assertThat(Posix.failure("read", "", 3, number).errno())
                .isEqualTo(errno == Errno.ENOTSUP ? same(number) : errno);
    }

    /** ENOTSUP is another name of EOPNOTSUPP on Linux, and a separate number on the BSDs. */
    private static Errno same(int number) {
        return number == Posix.number(Errno.EOPNOTSUPP) ? Errno.EOPNOTSUPP : Errno.ENOTSUP;
    }
}
