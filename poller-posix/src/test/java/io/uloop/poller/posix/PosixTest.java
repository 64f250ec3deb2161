package io.uloop.poller.posix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.uloop.poller.PollerException;
import jnr.constants.platform.Errno;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PosixTest {
    /** Public only for JNR's stub. */
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
        assertThat(failure.errno()).isEqualTo("EBADF");
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
        assertThat(Posix.failure(syscall, "", 3, errno.intValue()))
                .hasMessageStartingWith(syscall + "(fd=3): " + errno.name())
                .hasMessageContaining(part);
    }

    @Test
    void unknownErrnoKeepsItsNumber() {
        assertThat(Posix.errnoName(12_345)).isEqualTo("errno 12345");
        assertThat(Posix.failure("read", "", 3, 12_345).errno()).isEqualTo("errno 12345");
        assertThat(Posix.failure("read", "", 3, 12_345))
                .hasMessage("read(fd=3): errno 12345: this system has no description of it");
    }

    @Test
    void errnoWithTwoNamesUsesTheManualsName() {
        assertThat(Posix.errnoName(Errno.EAGAIN.intValue())).isEqualTo("EAGAIN");
        assertThat(Posix.errnoName(Errno.EOPNOTSUPP.intValue())).isEqualTo("EOPNOTSUPP");
        assertThat(Posix.errnoName(Errno.EDEADLK.intValue())).isEqualTo("EDEADLK");
    }
}
