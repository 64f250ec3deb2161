package io.uloop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.uloop.net.TcpChannel;
import io.uloop.net.TcpListener;
import io.uloop.poller.Descriptors;
import io.uloop.poller.Errno;
import io.uloop.poller.PollerException;
import io.uloop.poller.UEvent;
import io.uloop.poller.tck.HighNumbers;
import io.uloop.poller.tck.ScriptedPoller;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests readers and writers of one descriptor, with client data and the barrier. */
class ReadWriteProcsTest extends EachBackend {
    private final List<String> calls = new ArrayList<>();
    private TcpChannel near;
    private int fd;
    private ReadWriteProcs procs;

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
        procs = new ReadWriteProcs(loop, fd);
    }

    private void note(int number, String name, int events) {
        calls.add(name + (number == fd ? "" : " of " + number));
    }

    @Test
    void readerIsCalledBeforeTheWriterInOneTurnEachWithItsData() throws IOException {
        procs.setWriter(this::note, "writer");
        procs.setReader(this::note, "reader");
        assertThat(loop.runOnce(-1)).isEqualTo(1);
        assertThat(calls).containsExactly("reader", "writer");
        loop.remove(fd);
    }

    @Test
    void barrierCallsTheWriterFirst() throws IOException {
        procs.setReader(this::note, "reader");
        procs.setWriter(this::note, "writer");
        procs.setBarrier(true);
        loop.runOnce(-1);
        procs.setBarrier(false);
        loop.runOnce(-1);
        assertThat(calls).containsExactly("writer", "reader", "reader", "writer");
        loop.remove(fd);
    }

    @Test
    void barrierStaysUntilBothProcsAreRemoved() throws IOException {
        procs.setReader(this::note, "reader");
        procs.setBarrier(true);
        procs.setWriter(this::note, "writer");
        assertThat(procs.removeReader()).isTrue();
        procs.setReader(this::note, "reader");
        loop.runOnce(-1);
        assertThat(calls).containsExactly("writer", "reader");
        loop.remove(fd);
        assertThatThrownBy(() -> procs.setBarrier(true))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("fd=" + fd)
                .hasMessageContaining("setReader");
    }

    @Test
    void removingBothProcsEndsTheRegistration() throws IOException {
        procs.setReader(this::note, "reader");
        procs.setWriter(this::note, "writer");
        assertThat(procs.removeWriter()).isTrue();
        assertThat(procs.removeWriter()).isFalse();
        loop.runOnce(-1);
        assertThat(calls).containsExactly("reader");
        assertThat(procs.removeReader()).isTrue();
        assertThat(procs.removeReader()).isFalse();
        assertThat(loop.toString()).contains("descriptors=0");
        assertThat(loop.runOnce(0)).isZero();
        assertThat(new ReadWriteProcs(loop, -1).removeReader()).isFalse();
    }

    @Test
    void closeRemovesBothProcsAndIsSilentOnAClosedLoop() throws IOException {
        procs.setReader(this::note, "reader");
        procs.setWriter(this::note, "writer");
        procs.close();
        procs.close();
        assertThat(loop.toString()).contains("descriptors=0");
        procs.setReader(this::note, "reader");
        loop.close();
        procs.close();
        assertThat(calls).isEmpty();
    }

    @Test
    void removeByNumberDropsBothProcsAndTheBarrier() throws IOException {
        procs.setReader(this::note, "reader");
        procs.setWriter(this::note, "old writer");
        procs.setBarrier(true);
        loop.remove(fd);
        assertThat(procs.removeWriter()).isFalse();
        procs.setReader(this::note, "reader");
        procs.setWriter(this::note, "writer");
        loop.runOnce(-1);
        assertThat(calls).containsExactly("reader", "writer");
        loop.remove(fd);
    }

    @Test
    void firstProcMayRemoveTheSecondOrBoth() throws IOException {
        procs.setReader((number, data, events) -> calls.add("took " + unwatch()), "x");
        procs.setWriter(this::note, "writer");
        loop.runOnce(-1);
        assertThat(calls).containsExactly("took true");
        procs.setReader((number, data, events) -> loop.remove(number), "x");
        procs.setWriter(this::note, "writer");
        loop.runOnce(-1);
        assertThat(loop.toString()).contains("descriptors=0");
        assertThat(calls).containsExactly("took true");
    }

    private boolean unwatch() throws IOException {
        return procs.removeWriter();
    }

    @Test
    void procReplacedByTheFirstDoesNotGetTheOldEvent() throws IOException {
        procs.setReader(
                (number, data, events) -> {
                    loop.remove(number);
                    procs.setWriter(this::note, "new writer");
                    calls.add("reader");
                },
                "x");
        procs.setWriter(this::note, "old writer");
        loop.runOnce(-1);
        assertThat(calls).containsExactly("reader");
        loop.runOnce(-1);
        assertThat(calls).containsExactly("reader", "new writer");
        loop.remove(fd);
    }

    @Test
    void setReaderReplacesThePreviousReader() throws IOException {
        procs.setReader(this::note, "old");
        procs.setReader(this::note, "new");
        loop.runOnce(-1);
        assertThat(calls).containsExactly("new");
        loop.remove(fd);
    }

    @Test
    void throwingProcIsReportedAndTheOtherIsCalled() throws IOException {
        try (CapturedLog log = new CapturedLog("io.uloop")) {
            ReadWriteProcs.Proc<String> failing =
                    (number, data, events) -> {
                        throw new IOException(data);
                    };
            procs.setReader(failing, "on purpose");
            procs.setWriter(this::note, "writer");
            loop.runOnce(-1);
            assertThat(calls).containsExactly("writer");
            assertThat(failures).hasSize(1).allMatch(e -> "on purpose".equals(e.getMessage()));
            assertThat(log.messages())
                    .hasSize(1)
                    .allMatch(line -> line.contains("handler " + procs))
                    .allMatch(line -> line.contains("failed on fd=" + fd + " with IN|OUT"));
            failures.clear();
        }
        loop.remove(fd);
    }

    @Test
    void exceptionOfTheSecondProcIsSuppressed() throws IOException {
        ReadWriteProcs.Proc<String> failing =
                (number, data, events) -> {
                    throw new IOException(data);
                };
        procs.setReader(failing, "reader");
        procs.setWriter(failing, "writer");
        loop.runOnce(-1);
        assertThat(failures).singleElement().satisfies(this::isOfReaderAndWriter);
        failures.clear();
        loop.remove(fd);
    }

    @Test
    void exceptionThatBothProcsThrowIsReported() throws IOException {
        IOException same = new IOException("same");
        ReadWriteProcs.Proc<String> failing =
                (number, data, events) -> {
                    throw same;
                };
        procs.setReader(failing, "reader");
        procs.setWriter(failing, "writer");
        loop.runOnce(-1);
        assertThat(failures).containsExactly(same);
        failures.clear();
        loop.remove(fd);
    }

    private void isOfReaderAndWriter(Exception failure) {
        assertThat(failure).hasMessage("reader");
        assertThat(failure.getSuppressed())
                .singleElement()
                .satisfies(second -> assertThat(second).hasMessage("writer"));
    }

    @Test
    void hangUpCallsTheReader() throws IOException {
        Descriptors.Pipe ends = pipe();
        fd = ends.readEnd();
        procs = new ReadWriteProcs(loop, fd);
        procs.setReader(this::note, "reader");
        close(ends.writeEnd());
        loop.runOnce(-1);
        assertThat(calls).containsExactly("reader");
        loop.remove(ends.readEnd());
    }

    @Test
    void descriptorWithHandlerRejectsProcs() throws IOException {
        near.register(UEvent.IN, (number, events) -> {});
        assertThatThrownBy(() -> procs.setReader(this::note, "reader"))
                .isInstanceOfSatisfying(
                        PollerException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EEXIST));
        assertThat(procs.removeReader()).isFalse();
        near.unregister();
    }

    @Test
    void reusedNumberStartsWithoutProcs() throws IOException {
        Descriptors.Pipe ends = highPipe();
        fd = ends.readEnd();
        procs = new ReadWriteProcs(loop, fd);
        procs.setReader(this::note, "of the closed");
        close(ends.readEnd());
        reopen(ends.readEnd());
        procs.setReader(this::note, "of the new");
        loop.runOnce(-1);
        assertThat(calls).containsExactly("of the new");
        loop.remove(ends.readEnd());
    }

    @Test
    void failedAddKeepsTheOtherProc() throws IOException {
        assertThatThrownBy(() -> new ReadWriteProcs(loop, -1).setReader(this::note, "x"))
                .isInstanceOf(PollerException.class);
        assertThatThrownBy(() -> procs.setReader(null, "x"))
                .isInstanceOf(NullPointerException.class);
        assertThat(loop.toString()).contains("descriptors=0");
    }

    @Test
    void numberReusedByTheFirstProcDoesNotGetTheOldEvent() throws IOException {
        fd = readableAndWritable();
        procs = new ReadWriteProcs(loop, fd);
        procs.setReader(
                (number, data, events) -> {
                    close(number);
                    reopen(number);
                    loop.add(number, UEvent.NONE, (f, bits) -> {});
                    calls.add("reader");
                },
                "x");
        procs.setWriter(this::note, "writer of the closed");
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
        runUntil(() -> connected || io.finishConnect(near));
        int number = track(HighNumbers.raise(io, near));
        accept(listener).write(bytes("x"));
        int[] ready = new int[1];
        loop.add(number, UEvent.IN, (descriptor, events) -> ready[0]++);
        runUntil(() -> ready[0] > 0);
        loop.remove(number);
        return number;
    }

    @Test
    void lastProcOfClosedNumberCanBeRemoved() throws IOException {
        ScriptedPoller poller = new ScriptedPoller();
        try (Uloop taking = Uloop.builder().poller(poller.provider()).build()) {
            ReadWriteProcs taken = new ReadWriteProcs(taking, 5);
            taken.setReader(this::note, "x");
            poller.registered.remove(5); // as by a poller that finds it closed
            assertThat(taken.removeReader()).isTrue();
            taking.runUntilIdle();
        }
    }
}
