package io.uloop.poller.kqueue;

import static io.uloop.poller.UEvent.EDGE;
import static io.uloop.poller.UEvent.ERR;
import static io.uloop.poller.UEvent.IN;
import static io.uloop.poller.UEvent.NONE;
import static io.uloop.poller.UEvent.ONESHOT;
import static io.uloop.poller.UEvent.OUT;
import static io.uloop.poller.UEvent.PRI;
import static io.uloop.poller.UEvent.RDHUP;
import static io.uloop.poller.kqueue.KqueueCalls.EVFILT_READ;
import static io.uloop.poller.kqueue.KqueueCalls.EVFILT_WRITE;
import static io.uloop.poller.kqueue.KqueueCalls.EV_EOF;
import static io.uloop.poller.kqueue.KqueueCalls.EV_ERROR;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.uloop.poller.Errno;
import io.uloop.poller.PollerException;
import io.uloop.poller.posix.call.Libc;
import io.uloop.poller.posix.call.Posix;
import io.uloop.poller.tck.Ends;
import io.uloop.poller.tck.HighNumbers;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The filters for each interest, the events for each result, and the state after each failure. */
class KqueueFilterTest extends ScriptedKqueueTest {
    @Test
    void addTakesOneCallAndBothFiltersAreOneEvent() throws IOException {
        int fd = socket();
        try (KqueuePoller poller = open()) {
            poller.add(fd, IN | OUT | RDHUP);
            assertThat(kernel.lists).containsExactly("ADD READ, ADD WRITE");
            kernel.fire(fd, EVFILT_READ, EV_EOF, 0);
            kernel.fire(fd, EVFILT_WRITE);
            assertThat(poll(poller)).containsExactly(fd + " IN|OUT|RDHUP");
            poller.remove(fd);
            assertThat(kernel.lists).endsWith("DELETE READ, DELETE WRITE");
        }
        assertThat(kernel.closed).isTrue();
    }

    @Test
    void receiptsWithOnlyAnErrnoAreAccepted() throws IOException {
        kernel.bareReceipts = true;
        int[] pipe = pipe();
        try (KqueuePoller poller = open()) {
            poller.add(pipe[0], IN);
            kernel.fail("ADD WRITE", Errno.ENOMEM);
            assertErrno(Errno.ENOMEM, pipe[1], () -> poller.add(pipe[1], OUT));
            poller.modify(pipe[0], IN | EDGE);
            assertThat(kernel.filters(pipe[0])).isEqualTo("READ CLEAR");
            assertThat(kernel.filters(pipe[1])).isEmpty();
        }
    }

    @Test
    void missingReceiptIsAFailure() throws IOException {
        int fd = socket();
        try (KqueuePoller poller = open()) {
            kernel.receiptsLost = 1;
            assertErrno(Errno.EIO, fd, () -> poller.add(fd, IN | OUT));
            kernel.receiptsLost = 0;
            kernel.drop(fd, EVFILT_WRITE);
            poller.add(fd, IN | OUT);
        }
    }

    @Test
    void modifySubmitsOnlyDifferences() throws IOException {
        int fd = socket();
        try (KqueuePoller poller = open()) {
            poller.add(fd, IN);
            poller.modify(fd, IN | OUT);
            poller.modify(fd, IN | OUT);
            poller.modify(fd, OUT);
            poller.modify(fd, NONE);
            poller.modify(fd, NONE);
            poller.modify(fd, PRI);
            assertThat(kernel.lists)
                    .containsExactly("ADD READ", "ADD WRITE", "DELETE READ", "DELETE WRITE");
        }
    }

    @Test
    void modeChangeDeletesAndAddsInOneCall() throws IOException {
        int fd = socket();
        try (KqueuePoller poller = open()) {
            poller.add(fd, IN);
            kernel.lists.clear();
            poller.modify(fd, IN | EDGE);
            poller.modify(fd, IN | EDGE);
            poller.modify(fd, IN | OUT | ONESHOT);
            poller.modify(fd, IN | OUT | ONESHOT | EDGE);
            poller.modify(fd, IN);
            assertThat(kernel.lists)
                    .containsExactly(
                            "DELETE READ, ADD READ CLEAR",
                            "DELETE READ, ADD READ CLEAR",
                            "DELETE READ, ADD READ ONESHOT, ADD WRITE ONESHOT",
                            "DELETE READ, DELETE WRITE, ADD READ CLEAR ONESHOT,"
                                    + " ADD WRITE CLEAR ONESHOT",
                            "DELETE READ, DELETE WRITE, ADD READ");
        }
    }

    @Test
    void oneshotThatFiresDeletesTheOtherFilter() throws IOException {
        int fd = socket();
        try (KqueuePoller poller = open()) {
            poller.add(fd, IN | OUT | ONESHOT);
            kernel.fire(fd, EVFILT_WRITE);
            kernel.lists.clear();
            assertThat(poll(poller)).containsExactly(fd + " OUT");
            assertThat(kernel.lists).containsExactly("DELETE READ");
            kernel.fire(fd, EVFILT_READ);
            assertThat(poll(poller)).isEmpty();

            poller.modify(fd, IN | OUT | ONESHOT);
            kernel.fire(fd, EVFILT_WRITE);
            kernel.fire(fd, EVFILT_READ);
            kernel.lists.clear();
            assertThat(poll(poller)).containsExactly(fd + " IN|OUT");
            assertThat(kernel.lists).isEmpty();
        }
    }

    @Test
    void staleOneshotEventIsIgnored() throws IOException {
        int[] first = pipe();
        int[] second = pipe();
        try (KqueuePoller poller = open()) {
            poller.add(first[0], IN);
            poller.add(second[0], IN | ONESHOT);
            kernel.fire(first[0], EVFILT_READ);
            kernel.fire(second[0], EVFILT_READ);
            List<Integer> called = new ArrayList<>();
            poller.poll(
                    0,
                    (fd, events) -> {
                        called.add(fd);
                        try {
                            poller.modify(second[0], IN | ONESHOT);
                        } catch (IOException e) {
                            throw new AssertionError(e);
                        }
                    });
            assertThat(called).containsExactly(first[0]);
            assertThat(kernel.filters(second[0])).isEqualTo("READ ONESHOT");
            kernel.fire(second[0], EVFILT_READ);
            assertThat(poll(poller)).containsExactly(second[0] + " IN");
        }
    }

    @Test
    void rdhupAloneIsNotReportedForData() throws IOException {
        int fd = socket();
        try (KqueuePoller poller = open()) {
            for (int mode : new int[] {0, ONESHOT}) {
                poller.add(fd, RDHUP | mode);
                assertThat(kernel.filters(fd)).isEqualTo("READ CLEAR");
                kernel.fire(fd, EVFILT_READ);
                assertThat(poll(poller)).isEmpty();
                kernel.fire(fd, EVFILT_READ, EV_EOF, 0);
                assertThat(poll(poller)).containsExactly(fd + " RDHUP");
                poller.remove(fd);
            }
        }
    }

    @Test
    void shutdownOutputIsNotAHangUp() throws IOException {
        int fd = socket();
        try (KqueuePoller poller = open()) {
            poller.add(fd, IN | OUT | RDHUP);
            kernel.fire(fd, EVFILT_WRITE, EV_EOF, 0);
            assertThat(poll(poller)).containsExactly(fd + " OUT");
            assertThat(kernel.lists).containsExactly("ADD READ, ADD WRITE");
        }
    }

    @Test
    void errorInsteadOfAnEventIsReported() throws IOException {
        int fd = socket();
        try (KqueuePoller poller = open()) {
            poller.add(fd, IN);
            kernel.fire(fd, EVFILT_READ, EV_ERROR, 0);
            assertThat(poll(poller)).containsExactly(fd + " IN|ERR");
        }
    }

    @Test
    void unsupportedDeviceFailsWithAdvice() throws IOException {
        int fd = socket();
        try (KqueuePoller poller = open()) {
            kernel.fail("ADD WRITE", Errno.EINVAL);
            assertErrno(Errno.EINVAL, fd, () -> poller.add(fd, IN | OUT));
            assertThat(kernel.filters(fd)).isEmpty();
            kernel.fail("ADD READ", Errno.EINVAL);
            assertThatThrownBy(() -> poller.add(fd, IN))
                    .isInstanceOf(PollerException.class)
                    .hasMessageContainingAll("device", "poll");
            poller.add(fd, NONE);
            kernel.fail("ADD READ", Errno.EINVAL);
            assertErrno(Errno.EINVAL, fd, () -> poller.modify(fd, IN));
            poller.modify(fd, OUT);
            assertThat(kernel.filters(fd)).isEqualTo("WRITE");
        }
    }

    @Test
    void modifyWithoutMemoryKeepsTheInterest() throws IOException {
        int fd = socket();
        try (KqueuePoller poller = open()) {
            poller.add(fd, IN);
            kernel.fail("ADD WRITE", Errno.ENOMEM);
            assertErrno(Errno.ENOMEM, fd, () -> poller.modify(fd, IN | OUT | ONESHOT));
            assertThat(kernel.filters(fd)).isEqualTo("READ");
            kernel.fire(fd, EVFILT_READ);
            assertThat(poll(poller)).containsExactly(fd + " IN");

            poller.modify(fd, OUT | ONESHOT);
            kernel.fire(fd, EVFILT_WRITE);
            assertThat(poll(poller)).containsExactly(fd + " OUT");
            kernel.fail("ADD READ", Errno.ENOMEM);
            assertErrno(Errno.ENOMEM, fd, () -> poller.modify(fd, IN));
            assertThat(kernel.filters(fd)).as("was disarmed").isEmpty();
        }
    }

    @Test
    void failedCallFailsEachChange() throws IOException {
        int fd = socket();
        try (KqueuePoller poller = open()) {
            kernel.fail("list", Errno.ENOMEM);
            assertErrno(Errno.ENOMEM, fd, () -> poller.add(fd, IN));
            poller.add(fd, IN);
            kernel.fire(fd, EVFILT_READ);
            assertThat(poll(poller)).containsExactly(fd + " IN");
        }
    }

    @Test
    void interruptedChangesAreRepeated() throws IOException {
        int fd = socket();
        try (KqueuePoller poller = open()) {
            kernel.fail("list", Errno.EINTR).fail("list", Errno.EINTR);
            poller.add(fd, IN);
            assertThat(kernel.filters(fd)).isEqualTo("READ");
        }
    }

    @Test
    void deletingAMissingFilterSucceeds() throws IOException {
        int fd = socket();
        try (KqueuePoller poller = open()) {
            for (Errno errno : new Errno[] {Errno.ENOENT, Errno.EBADF}) {
                poller.add(fd, IN | OUT);
                kernel.fail("DELETE READ", errno).fail("DELETE WRITE", errno);
                poller.remove(fd);
                kernel.drop(fd, EVFILT_READ);
                kernel.drop(fd, EVFILT_WRITE);
            }
            poller.add(fd, OUT | EDGE);
            kernel.drop(fd, EVFILT_WRITE);
            poller.modify(fd, OUT | EDGE);
            assertThat(kernel.filters(fd)).as("the file is the same").isEqualTo("WRITE CLEAR");
        }
    }

    @Test
    void modifyAfterForeignCloseFailsAndDeregisters() throws IOException {
        try (KqueuePoller poller = open()) {
            int[] interests = {IN, NONE, IN | OUT, IN | EDGE};
            for (int interest : interests) {
                int[] pair = highPair();
                poller.add(pair[0], IN);
                closeBehindOurBack(pair[0]);
                kernel.drop(pair[0], EVFILT_READ);
                if ((interest & OUT) != 0) {
                    kernel.fail("ADD WRITE", Errno.EBADF);
                }
                assertErrno(Errno.EBADF, pair[0], () -> poller.modify(pair[0], interest));
                assertErrno(Errno.ENOENT, pair[0], () -> poller.remove(pair[0]));
                DESCRIPTORS.close(pair[1]);
                kernel.drop(pair[0], EVFILT_READ);
            }
        }
    }

    @Test
    void modifyAfterForeignReuseFails() throws IOException {
        int[] pair = highPair();
        try (KqueuePoller poller = open()) {
            poller.add(pair[0], IN);
            closeBehindOurBack(pair[0]);
            kernel.drop(pair[0], EVFILT_READ);
            HighNumbers.reuse(DESCRIPTORS, pair[1], pair[0]);
            track(new int[] {pair[0]});
            assertErrno(Errno.EBADF, pair[0], () -> poller.modify(pair[0], OUT));
            assertThat(kernel.filters(pair[0])).isEmpty();
            poller.add(pair[0], OUT);
        }
    }

    @Test
    void addAfterForeignReuseSucceeds() throws IOException {
        int[] pair = highPair();
        try (KqueuePoller poller = open()) {
            poller.add(pair[0], IN);
            assertErrno(Errno.EEXIST, pair[0], () -> poller.add(pair[0], IN));
            closeBehindOurBack(pair[0]);
            kernel.drop(pair[0], EVFILT_READ);
            HighNumbers.reuse(DESCRIPTORS, pair[1], pair[0]);
            track(new int[] {pair[0]});
            poller.add(pair[0], IN);
            assertThat(kernel.filters(pair[0])).isEqualTo("READ");
        }
    }

    /**
     * Opens two sockets, the first with a high number that the JVM does not reuse after a close.
     */
    private static int[] highPair() throws IOException {
        int[] pair = Ends.of(DESCRIPTORS.socketPair());
        pair[0] = HighNumbers.raise(DESCRIPTORS, pair[0]);
        return pair;
    }

    /** Closes a descriptor like a foreign library would, without a close count. */
    private static void closeBehindOurBack(int fd) {
        assertThat(Libc.CALLS.close(fd)).isZero();
    }

    @Test
    void smallArrayDeliversAllEvents() throws IOException {
        try (KqueuePoller poller = open()) {
            for (int i = 0; i < 100; i++) {
                int fd = socket();
                poller.add(fd, IN | OUT);
                kernel.fire(fd, EVFILT_READ);
                kernel.fire(fd, EVFILT_WRITE);
            }
            seen.clear();
            while (poller.poll(0, sink) > 0) {
                assertThat(seen).doesNotHaveDuplicates();
            }
            assertThat(seen).hasSize(100).allMatch(event -> event.endsWith("IN|OUT"));
        }
    }

    @Test
    void errorIsReportedWithoutInterest() throws IOException {
        int fd = socket();
        try (KqueuePoller poller = open()) {
            poller.add(fd, OUT);
            kernel.fire(fd, EVFILT_WRITE, EV_EOF, Posix.number(Errno.ECONNREFUSED));
            int[] events = new int[1];
            assertThat(poller.poll(0, (ready, bits) -> events[0] = bits)).isOne();
            assertThat(events[0]).isEqualTo(OUT | ERR);
        }
    }
}
