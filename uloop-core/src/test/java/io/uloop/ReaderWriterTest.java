package io.uloop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.uloop.net.TcpChannel;
import io.uloop.net.TcpListener;
import io.uloop.poller.PollerException;
import io.uloop.poller.UEvent;
import io.uloop.poller.tck.HighNumbers;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests readers and writers of one descriptor, with client data and the barrier. */
class ReaderWriterTest extends EachBackend {
    private final List<String> calls = new ArrayList<>();
    private TcpChannel near;
    private int fd;

    /** Opens a descriptor that is readable and writable. */
    @BeforeEach
    void connect() throws IOException {
        TcpChannel[] ends = connection();
        near = ends[0];
        fd = near.fd();
        ends[1].write(bytes("x"));
        int[] ready = new int[1];
        near.register(UEvent.IN, (number, events) -> ready[0]++);
        runUntil(() -> ready[0] > 0);
        near.unregister();
    }

    private void note(int number, String name, int events) {
        calls.add(name + (number == fd ? "" : " of " + number));
    }

    @Test
    void readerIsCalledBeforeTheWriterInOneTurnEachWithItsData() throws IOException {
        loop.addWriter(fd, this::note, "writer");
        loop.addReader(fd, this::note, "reader");
        assertThat(loop.runOnce(-1)).isEqualTo(1);
        assertThat(calls).containsExactly("reader", "writer");
        loop.remove(fd);
    }

    @Test
    void barrierCallsTheWriterFirst() throws IOException {
        loop.addReader(fd, this::note, "reader");
        loop.addWriter(fd, this::note, "writer");
        loop.setBarrier(fd, true);
        loop.runOnce(-1);
        loop.setBarrier(fd, false);
        loop.runOnce(-1);
        assertThat(calls).containsExactly("writer", "reader", "reader", "writer");
        loop.remove(fd);
    }

    @Test
    void barrierStaysUntilBothProcsAreRemoved() throws IOException {
        loop.addReader(fd, this::note, "reader");
        loop.setBarrier(fd, true);
        loop.addWriter(fd, this::note, "writer");
        assertThat(loop.removeReader(fd)).isTrue();
        loop.addReader(fd, this::note, "reader");
        loop.runOnce(-1);
        assertThat(calls).containsExactly("writer", "reader");
        loop.remove(fd);
        assertThatThrownBy(() -> loop.setBarrier(fd, true))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("fd=" + fd)
                .hasMessageContaining("addReader");
    }

    @Test
    void removingBothProcsEndsTheRegistration() throws IOException {
        loop.addReader(fd, this::note, "reader");
        loop.addWriter(fd, this::note, "writer");
        assertThat(loop.removeWriter(fd)).isTrue();
        assertThat(loop.removeWriter(fd)).isFalse();
        loop.runOnce(-1);
        assertThat(calls).containsExactly("reader");
        assertThat(loop.removeReader(fd)).isTrue();
        assertThat(loop.removeReader(fd)).isFalse();
        assertThat(loop.toString()).contains("descriptors=0");
        assertThat(loop.runOnce(0)).isZero();
        assertThat(loop.removeReader(-1)).isFalse();
    }

    @Test
    void firstProcMayRemoveTheSecondOrBoth() throws IOException {
        loop.addReader(fd, (number, data, events) -> calls.add("took " + unwatch()), "x");
        loop.addWriter(fd, this::note, "writer");
        loop.runOnce(-1);
        assertThat(calls).containsExactly("took true");
        loop.addReader(fd, (number, data, events) -> loop.remove(number), "x");
        loop.addWriter(fd, this::note, "writer");
        loop.runOnce(-1);
        assertThat(loop.toString()).contains("descriptors=0");
        assertThat(calls).containsExactly("took true");
    }

    private boolean unwatch() throws IOException {
        return loop.removeWriter(fd);
    }

    @Test
    void procReplacedByTheFirstDoesNotGetTheOldEvent() throws IOException {
        loop.addReader(
                fd,
                (number, data, events) -> {
                    loop.remove(number);
                    loop.addWriter(number, this::note, "new writer");
                    calls.add("reader");
                },
                "x");
        loop.addWriter(fd, this::note, "old writer");
        loop.runOnce(-1);
        assertThat(calls).containsExactly("reader");
        loop.runOnce(-1);
        assertThat(calls).containsExactly("reader", "new writer");
        loop.remove(fd);
    }

    @Test
    void addReaderReplacesThePreviousReader() throws IOException {
        loop.addReader(fd, this::note, "old");
        loop.addReader(fd, this::note, "new");
        loop.runOnce(-1);
        assertThat(calls).containsExactly("new");
        loop.remove(fd);
    }

    @Test
    void throwingProcIsReportedAndTheOtherIsCalled() throws IOException {
        try (CapturedLog log = new CapturedLog("io.uloop")) {
            FileProc<String> failing =
                    (number, data, events) -> {
                        throw new IOException(data);
                    };
            loop.addReader(fd, failing, "on purpose");
            loop.addWriter(fd, this::note, "writer");
            loop.runOnce(-1);
            assertThat(calls).containsExactly("writer");
            assertThat(failures).hasSize(1).allMatch(e -> "on purpose".equals(e.getMessage()));
            assertThat(log.messages())
                    .hasSize(1)
                    .allMatch(line -> line.contains("reader " + failing))
                    .allMatch(line -> line.contains("failed on fd=" + fd + " with IN|OUT"));
            failures.clear();
        }
        loop.remove(fd);
    }

    @Test
    void hangUpCallsTheReader() throws IOException {
        int[] ends = pipe();
        fd = ends[0];
        loop.addReader(ends[0], this::note, "reader");
        close(ends[1]);
        loop.runOnce(-1);
        assertThat(calls).containsExactly("reader");
        loop.remove(ends[0]);
    }

    @Test
    void descriptorWithHandlerRejectsProcs() throws IOException {
        near.register(UEvent.IN, (number, events) -> {});
        assertThatThrownBy(() -> loop.addReader(fd, this::note, "reader"))
                .isInstanceOfSatisfying(
                        PollerException.class, e -> assertThat(e.errno()).isEqualTo("EEXIST"));
        assertThat(loop.removeReader(fd)).isFalse();
        near.unregister();
    }

    @Test
    void reusedNumberStartsWithoutProcs() throws IOException {
        int[] ends = highPipe();
        loop.addReader(ends[0], this::note, "of the closed");
        close(ends[0]);
        int ready = reopen(ends[0]);
        fd = ends[0];
        if (ready == UEvent.IN) {
            loop.addReader(ends[0], this::note, "of the new");
        } else {
            loop.addWriter(ends[0], this::note, "of the new");
        }
        loop.runOnce(-1);
        assertThat(calls).containsExactly("of the new");
        loop.remove(ends[0]);
    }

    @Test
    void failedAddKeepsTheOtherProc() throws IOException {
        assertThatThrownBy(() -> loop.addReader(-1, this::note, "x"))
                .isInstanceOf(PollerException.class);
        assertThatThrownBy(() -> loop.addReader(fd, null, "x"))
                .isInstanceOf(NullPointerException.class);
        assertThat(loop.toString()).contains("descriptors=0");
    }

    @Test
    void numberReusedByTheFirstProcDoesNotGetTheOldEvent() throws IOException {
        fd = readableAndWritable();
        loop.addReader(
                fd,
                (number, data, events) -> {
                    close(number);
                    reopen(number);
                    loop.add(number, UEvent.NONE, (f, bits) -> {});
                    calls.add("reader");
                },
                "x");
        loop.addWriter(fd, this::note, "writer of the closed");
        loop.runOnce(-1);
        assertThat(calls).containsExactly("reader");
        loop.remove(fd);
    }

    /**
     * Opens a readable and writable descriptor whose number the JVM does not reuse when it is
     * closed.
     */
    private int readableAndWritable() throws IOException {
        TcpListener listener = closing(TcpListener.open(loop, anyPort()));
        int near = io.openStream(loopbackFamily());
        boolean connected = io.connect(near, listener.getLocalAddress());
        runUntil(() -> connected || unchecked(() -> io.finishConnect(near)));
        int number = owned(HighNumbers.raise(io, near));
        accept(listener).write(bytes("x"));
        int[] ready = new int[1];
        loop.add(number, UEvent.IN, (descriptor, events) -> ready[0]++);
        runUntil(() -> ready[0] > 0);
        loop.remove(number);
        return number;
    }

    @Test
    void lastProcOfClosedNumberCanBeRemoved() throws IOException {
        FakePoller poller = new FakePoller();
        try (Uloop taking = Uloop.builder().poller(poller.provider()).build()) {
            taking.addReader(5, this::note, "x");
            poller.registered.remove(5); // as by a poller that finds it closed
            assertThat(taking.removeReader(5)).isTrue();
            taking.runUntilIdle();
        }
    }
}
