package io.uloop.poller.kqueue;

import static io.uloop.poller.UEvent.EDGE;
import static io.uloop.poller.UEvent.IN;
import static io.uloop.poller.UEvent.NONE;
import static io.uloop.poller.UEvent.ONESHOT;
import static io.uloop.poller.UEvent.OUT;
import static io.uloop.poller.kqueue.KqueueCalls.EVFILT_READ;
import static io.uloop.poller.kqueue.KqueueCalls.EVFILT_WRITE;
import static io.uloop.poller.kqueue.KqueueCalls.EV_EOF;
import static org.assertj.core.api.Assertions.assertThat;

import io.uloop.poller.Errno;
import java.io.IOException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A pipe's writer whose reader is gone stays writable, although the kernel drops its filter. */
class KqueueOrphanTest extends ScriptedKqueueTest {
    private int writer;

    @BeforeEach
    void openPipe() throws IOException {
        writer = pipe()[1];
    }

    private String report() {
        return writer + " OUT|ERR";
    }

    @Test
    void levelOrphanIsReportedUntilPausedOrRemoved() throws IOException {
        kernel.fail("ADD WRITE", Errno.EPIPE).fail("ADD WRITE", Errno.EPIPE);
        try (KqueuePoller poller = open()) {
            poller.add(writer, OUT);
            assertThat(poll(poller)).containsExactly(report());
            seen.clear();
            assertThat(poller.poll(-1, sink)).as("without a wait").isOne();
            assertThat(poll(poller)).containsExactly(report());
            poller.modify(writer, NONE);
            assertThat(poll(poller)).isEmpty();
            poller.modify(writer, OUT);
            assertThat(poll(poller)).containsExactly(report());
            poller.remove(writer);
            assertThat(poll(poller)).isEmpty();
        }
    }

    @Test
    void edgeOrphanIsReportedOncePerModify() throws IOException {
        kernel.fail("ADD WRITE", Errno.EPIPE).fail("ADD WRITE", Errno.EPIPE);
        try (KqueuePoller poller = open()) {
            poller.add(writer, OUT | EDGE);
            assertThat(poll(poller)).containsExactly(report());
            assertThat(poll(poller)).isEmpty();
            poller.modify(writer, OUT | EDGE);
            assertThat(poll(poller)).containsExactly(report());
            assertThat(poll(poller)).isEmpty();
        }
    }

    @Test
    void oneshotOrphanIsReportedOncePerModify() throws IOException {
        kernel.fail("ADD WRITE", Errno.EPIPE).fail("ADD WRITE", Errno.EPIPE);
        try (KqueuePoller poller = open()) {
            poller.add(writer, OUT | ONESHOT);
            assertThat(poll(poller)).containsExactly(report());
            assertThat(poll(poller)).isEmpty();
            poller.modify(writer, OUT | ONESHOT);
            assertThat(poll(poller)).containsExactly(report());
            assertThat(poll(poller)).isEmpty();
        }
    }

    @Test
    void orphanIsReportedWithOtherEvents() throws IOException {
        int other = socket();
        kernel.fail("ADD WRITE", Errno.EPIPE);
        try (KqueuePoller poller = open()) {
            poller.add(writer, IN | OUT);
            poller.add(other, IN);
            kernel.fire(writer, EVFILT_READ);
            kernel.fire(other, EVFILT_READ);
            assertThat(poll(poller))
                    .containsExactlyInAnyOrder(writer + " IN|OUT|ERR", other + " IN");
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX) // pipes are bidirectional elsewhere
    void pipeEndIsHupForReadersAndErrForWriters() throws IOException {
        int[] ends = pipe();
        try (KqueuePoller poller = open()) {
            poller.add(ends[0], IN);
            poller.add(ends[1], IN | OUT | EDGE);
            kernel.fire(ends[0], EVFILT_READ, EV_EOF, 1);
            kernel.fire(ends[1], EVFILT_READ, EV_EOF, 0);
            kernel.fire(ends[1], EVFILT_WRITE, EV_EOF, 0);
            assertThat(poll(poller))
                    .containsExactlyInAnyOrder(ends[0] + " IN|HUP", ends[1] + " IN|OUT|ERR");
        }
    }

    @Test
    void filterDroppedAfterFiringIsEmulated() throws IOException {
        try (KqueuePoller poller = open()) {
            poller.add(writer, OUT);
            kernel.fire(writer, EVFILT_WRITE, EV_EOF, 0);
            kernel.fail("DELETE WRITE", Errno.ENOENT).fail("ADD WRITE", Errno.EPIPE);
            assertThat(poll(poller)).containsExactly(report());
            assertThat(kernel.lists).endsWith("DELETE WRITE, ADD WRITE");
            kernel.drop(writer, EVFILT_WRITE);
            assertThat(poll(poller)).containsExactly(report());
            assertThat(poll(poller)).containsExactly(report());
            poller.remove(writer);
            assertThat(poll(poller)).isEmpty();
        }
    }

    @Test
    void filterKeptAfterFiringReportsItself() throws IOException {
        try (KqueuePoller poller = open()) {
            poller.add(writer, OUT);
            kernel.fire(writer, EVFILT_WRITE, EV_EOF, 0);
            assertThat(poll(poller)).containsExactly(report());
            assertThat(kernel.filters(writer)).isEqualTo("WRITE");
            assertThat(poll(poller)).isEmpty();
        }
    }

    @Test
    void filterWithoutKernelMemoryIsEmulated() throws IOException {
        try (KqueuePoller poller = open()) {
            poller.add(writer, OUT);
            kernel.fire(writer, EVFILT_WRITE, EV_EOF, 0);
            kernel.fail("ADD WRITE", Errno.ENOMEM);
            assertThat(poll(poller)).containsExactly(report());
            assertThat(poll(poller)).containsExactly(report());
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Errno.class,
            names = {"EPIPE", "EBADF"})
    void oneThatIsClosedIsForgotten(Errno errno) throws IOException {
        try (KqueuePoller poller = open()) {
            poller.add(writer, OUT);
            kernel.fire(writer, EVFILT_WRITE, EV_EOF, 0);
            kernel.fail("ADD WRITE", errno);
            assertThat(poll(poller)).containsExactly(report());
            kernel.drop(writer, EVFILT_WRITE);
            close(writer);
            assertThat(poll(poller)).isEmpty();
            assertThat(poll(poller)).isEmpty();
        }
    }

    @Test
    void manyOrphansAreReportedOnceEach() throws IOException {
        try (KqueuePoller poller = open()) {
            for (int i = 0; i < 20; i++) {
                kernel.fail("ADD WRITE", Errno.EPIPE);
                poller.add(pipe()[1], OUT);
            }
            assertThat(poll(poller)).hasSize(20).doesNotHaveDuplicates();
        }
    }

    @Test
    void interruptedWaitReportsOrphans() throws IOException {
        kernel.fail("ADD WRITE", Errno.EPIPE).fail("wait", Errno.EINTR);
        try (KqueuePoller poller = open()) {
            poller.add(writer, OUT);
            assertThat(poll(poller)).containsExactly(report());
        }
    }
}
