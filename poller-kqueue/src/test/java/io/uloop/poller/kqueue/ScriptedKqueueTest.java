package io.uloop.poller.kqueue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.uloop.poller.Errno;
import io.uloop.poller.EventSink;
import io.uloop.poller.PollerException;
import io.uloop.poller.UEvent;
import io.uloop.poller.posix.PosixDescriptors;
import io.uloop.poller.posix.call.NativeAccess;
import io.uloop.poller.tck.Ends;
import io.uloop.poller.tck.NoDescriptorLeak;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The fixture for a poller on a scripted kqueue. The descriptors are real, and the test fails if
 * one leaks.
 */
@ExtendWith(NoDescriptorLeak.class)
abstract class ScriptedKqueueTest {
    static final PosixDescriptors DESCRIPTORS = PosixDescriptors.INSTANCE;

    /** FreeBSD's struct has a different size from all others, which catches hard-coded sizes. */
    static final KqueueAbi FREEBSD =
            Objects.requireNonNull(KqueueAbi.forSystem("FreeBSD", "14.1-RELEASE"));

    final List<String> seen = new ArrayList<>();
    final EventSink sink = (fd, events) -> seen.add(fd + " " + UEvent.toString(events));
    private final List<Integer> opened = new ArrayList<>();

    ScriptedKqueue kernel = new ScriptedKqueue(FREEBSD);

    @BeforeAll
    static void openWhatStaysOpen() throws IOException {
        NativeAccess.unavailability(); // loads the library
        KqueuePoller.open(new ScriptedKqueue(FREEBSD), FREEBSD).close();
    }

    @AfterEach
    void closeDescriptors() throws IOException {
        for (int fd : opened) {
            DESCRIPTORS.close(fd);
        }
    }

    KqueuePoller open(ScriptedKqueue calls) throws IOException {
        return KqueuePoller.open(calls, FREEBSD);
    }

    KqueuePoller open() throws IOException {
        KqueuePoller poller = open(kernel);
        kernel.lists.clear();
        return poller;
    }

    int[] track(int[] fds) {
        IntStream.of(fds).forEach(opened::add);
        return fds;
    }

    int[] pipe() throws IOException {
        return track(Ends.of(DESCRIPTORS.pipe()));
    }

    int socket() throws IOException {
        return track(Ends.of(DESCRIPTORS.socketPair()))[0];
    }

    void close(int fd) throws IOException {
        opened.remove((Integer) fd);
        DESCRIPTORS.close(fd);
    }

    /** Polls once without waiting. */
    List<String> poll(KqueuePoller poller) throws IOException {
        seen.clear();
        assertThat(poller.poll(0, sink)).isEqualTo(seen.size());
        return seen;
    }

    static void assertErrno(Errno errno, int fd, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        PollerException.class,
                        e -> {
                            assertThat(e.errno()).isEqualTo(errno);
                            assertThat(e.syscall()).isEqualTo("kevent");
                            assertThat(e.fd()).isEqualTo(fd);
                            assertThat(e).hasMessageContaining("fd=" + fd);
                        });
    }
}
