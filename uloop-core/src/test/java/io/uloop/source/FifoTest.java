package io.uloop.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FifoTest extends EachSource {
    private static final int MEBIBYTE = 1 << 20;

    @TempDir private Path directory;

    private Path fifo;

    @BeforeEach
    void makeFifo() throws Exception {
        fifo = directory.resolve("fifo");
        if (isNative()) {
            run("mkfifo", fifo.toString());
        }
    }

    private FifoReader reader() throws IOException {
        assumeNative();
        return closing(FifoReader.open(loop, fifo, received));
    }

    private FifoWriter writer() throws IOException {
        return closing(FifoWriter.open(loop, fifo));
    }

    @Test
    void readerWaitsForItsWriterAndEndsWithIt() throws Exception {
        reader();
        assertThat(loop.runOnce(0)).isZero();
        Process writer = start("sh", "-c", "echo hello >" + fifo);
        runUntil(() -> received.ends > 0);
        assertThat(received).hasToString("hello\n");
        assertThat(status(writer)).isZero();
        assertThat(loop.toString()).contains("descriptors=0");
        assertThat(loop.runOnce(0)).isZero();
        assertThat(received.ends).isEqualTo(1);
    }

    @Test
    void readerOfSeveralWritersEndsWithTheLast() throws Exception {
        reader();
        FifoWriter first = writer();
        FifoWriter second = writer();
        first.write(bytes("a"));
        first.close();
        runUntil(() -> received.text.length() == 1);
        assertThat(loop.runOnce(0)).isZero();
        second.write(bytes("b"));
        second.close();
        runUntil(() -> received.ends > 0);
        assertThat(received).hasToString("ab");
    }

    @Test
    void reopenedReaderContinuesWithTheNextWriter() throws Exception {
        FifoReader reader = reader();
        for (int i = 1; i <= 3; i++) {
            int ends = i;
            Process writer = start("sh", "-c", "echo " + i + " >" + fifo);
            runUntil(() -> received.ends == ends);
            reader.reopen();
            assertThat(loop.runOnce(0)).isZero();
            assertThat(status(writer)).isZero();
        }
        assertThat(received).hasToString("1\n2\n3\n");
        reader.close();
        assertThat(loop.toString()).contains("descriptors=0");
    }

    @Test
    void dataOfAWriterThatLeftBeforeReopenIsRead() throws Exception {
        FifoReader reader = reader();
        writer().close();
        runUntil(() -> received.ends == 1);
        FifoWriter next = writer();
        assertThat(next.write(ByteBuffer.allocate(40_000))).isEqualTo(40_000);
        next.close();
        reader.reopen();
        runUntil(() -> received.ends == 2);
        assertThat(received.text).hasSize(40_000);
        assertThat(loop.runOnce(0)).isZero();
    }

    /** Opens a reader after a writer has left. Kernels do not report the end of its data. */
    private FifoReader readerAfterAWriter(InputHandler handler) throws IOException {
        assumeNative();
        FifoReader former = reader();
        FifoWriter writer = writer();
        writer.write(bytes("left"));
        writer.close();
        FifoReader reader = closing(FifoReader.open(loop, fifo, handler));
        former.close();
        return reader;
    }

    @Test
    void readerPausedAtTheLastBytesEndsAfterResume() throws Exception {
        FifoReader[] reader = new FifoReader[1];
        Received pausing =
                new Received() {
                    @Override
                    public void received(ByteBuffer bytes) throws IOException {
                        super.received(bytes);
                        reader[0].pause();
                    }
                };
        reader[0] = readerAfterAWriter(pausing);
        runUntil(() -> pausing.text.length() == 4);
        loop.runOnce(0);
        assertThat(pausing.ends).isZero();
        reader[0].resume();
        runUntil(() -> pausing.ends == 1);
        assertThat(loop.toString()).contains("descriptors=0");
    }

    @Test
    void readerEndsAfterItsHandlerFailedAtTheLastBytes() throws Exception {
        Received failing =
                new Received() {
                    @Override
                    public void received(ByteBuffer bytes) throws IOException {
                        super.received(bytes);
                        throw new IOException("cannot take it");
                    }
                };
        readerAfterAWriter(failing);
        runUntil(() -> failing.ends == 1);
        assertThat(failing).hasToString("left");
        assertThat(failures).singleElement().asString().contains("cannot take it");
        failures.clear();
    }

    @Test
    void readerThatIsReopenedBeforeItsEndWaitsForAWriter() throws Exception {
        FifoReader[] reader = new FifoReader[1];
        Received reopening =
                new Received() {
                    @Override
                    public void received(ByteBuffer bytes) throws IOException {
                        super.received(bytes);
                        reader[0].reopen();
                    }
                };
        reader[0] = readerAfterAWriter(reopening);
        runUntil(() -> reopening.text.length() == 4);
        loop.runOnce(0);
        loop.runOnce(0);
        assertThat(reopening.ends).isZero();
    }

    @Test
    void closeOnAnotherThreadChangesNothing() throws Exception {
        FifoReader reader = reader();
        reader.pause();
        onAnotherThreadWhileTheLoopRuns(
                () -> assertThatIllegalStateException().isThrownBy(reader::close));
        assertThat(reader.toString()).doesNotContain("closed");
        reader.resume();
        writer().close();
        runUntil(() -> received.ends == 1);
    }

    @Test
    void openOnAnotherThreadLeavesNothingOpen() throws Exception {
        assumeNative();
        onAnotherThreadWhileTheLoopRuns(
                () ->
                        assertThatIllegalStateException()
                                .isThrownBy(() -> FifoReader.open(loop, fifo, received)));
    }

    @Test
    void readerThatCannotBeReopenedStaysAtItsEnd() throws Exception {
        FifoReader reader = reader();
        writer().close();
        runUntil(() -> received.ends == 1);
        Files.delete(fifo);
        assertThatThrownBy(reader::reopen).hasMessageContaining("ENOENT");
        Files.createFile(fifo);
        assertThatThrownBy(reader::reopen).hasMessageContaining("EINVAL");
        reader.resume();
        assertThat(loop.toString()).contains("descriptors=0");
        assertThat(reader.toString()).startsWith("FifoReader[fd=").doesNotContain("closed");
    }

    @Test
    void readerThatHoldsAWritingEndDoesNotEnd() throws Exception {
        FifoReader reader = reader();
        reader.hold();
        reader.hold();
        for (int i = 1; i <= 3; i++) {
            int length = 2 * i;
            Process writer = start("sh", "-c", "echo " + i + " >" + fifo);
            runUntil(() -> received.text.length() == length);
            assertThat(status(writer)).isZero();
        }
        assertThat(received).hasToString("1\n2\n3\n");
        assertThat(received.ends).isZero();
        assertThat(loop.runOnce(0)).isZero();
    }

    @Test
    void pausedReaderReadsNothing() throws Exception {
        FifoReader reader = reader();
        FifoWriter writer = writer();
        writer.write(bytes("x"));
        writer.close();
        reader.pause();
        reader.pause();
        assertThat(loop.runOnce(0)).isZero();
        reader.resume();
        reader.resume();
        runUntil(() -> received.ends > 0);
        assertThat(received).hasToString("x");
        reader.pause();
        reader.resume();
        assertThat(loop.toString()).contains("descriptors=0");
    }

    @Test
    void openForWritingWithoutReaderFails() {
        assumeNative();
        assertThatThrownBy(this::writer)
                .hasMessageContaining("ENXIO")
                .hasMessageContaining("start its reader first");
    }

    @Test
    void writerWaitsWhileTheFifoIsFullAndAllArrives() throws Exception {
        assumeNative();
        Path copy = directory.resolve("copy");
        String afterALine = "exec 3<" + fifo + "; read line; exec cat <&3 >" + copy;
        Process cat = start("sh", "-c", afterALine);
        FifoWriter writer = writerOnceThereIsAReader();
        ByteBuffer bytes = ByteBuffer.allocate(MEBIBYTE);
        for (int i = 0; i < MEBIBYTE; i++) {
            bytes.put(i, (byte) (i * 31));
        }
        int[] waits = new int[1];
        WriteHandler[] again = new WriteHandler[1];
        again[0] =
                () -> {
                    while (writer.write(bytes) > 0) {
                        // Until it is full.
                    }
                    if (bytes.hasRemaining()) {
                        waits[0]++;
                        writer.awaitWritable(again[0]);
                    } else {
                        writer.close();
                    }
                };
        writer.awaitWritable(again[0]);
        runUntil(() -> waits[0] > 0);
        cat.getOutputStream().write('\n');
        cat.getOutputStream().flush();
        assertThat(status(cat)).isZero();
        assertThat(Files.readAllBytes(copy)).isEqualTo(bytes.array());
    }

    private FifoWriter writerOnceThereIsAReader() throws IOException {
        FifoWriter[] writer = new FifoWriter[1];
        runUntil(
                () -> {
                    try {
                        writer[0] = writer();
                    } catch (IOException e) {
                        assertThat(e).hasMessageContaining("ENXIO");
                    }
                    return writer[0] != null;
                });
        return writer[0];
    }

    @Test
    void waitingWriterIsCalledWhenItsReaderCloses() throws Exception {
        FifoReader reader = reader();
        FifoWriter writer = writer();
        while (writer.write(ByteBuffer.allocate(4096)) > 0) {
            // Until it is full.
        }
        reader.pause();
        int[] calls = new int[1];
        writer.awaitWritable(() -> calls[0]++);
        assertThat(loop.runOnce(0)).isZero();
        reader.close();
        runUntil(() -> calls[0] == 1);
        assertThatThrownBy(() -> writer.write(bytes("x"))).hasMessageContaining("EPIPE");
        assertThat(loop.runOnce(0)).isZero();
    }

    @Test
    void otherFilesAreRejected() throws IOException {
        assumeNative();
        Path file = Files.createFile(directory.resolve("file"));
        assertThatThrownBy(() -> FifoReader.open(loop, file, received))
                .hasMessageContaining("EINVAL")
                .hasMessageContaining("mkfifo");
        assertThatThrownBy(() -> FifoWriter.open(loop, file)).hasMessageContaining("EINVAL");
        assertThatThrownBy(() -> FifoReader.open(loop, directory.resolve("none"), received))
                .hasMessageContaining("ENOENT");
    }

    @Test
    void closedEndRejectsCalls() throws IOException {
        FifoReader reader = reader();
        FifoWriter writer = writer();
        reader.hold();
        reader.close();
        reader.close();
        writer.close();
        writer.close();
        assertThatIllegalStateException().isThrownBy(reader::reopen);
        assertThatIllegalStateException().isThrownBy(reader::resume);
        assertThatIllegalStateException().isThrownBy(reader::hold);
        assertThatIllegalStateException().isThrownBy(() -> writer.write(bytes("x")));
        assertThatIllegalStateException().isThrownBy(() -> writer.awaitWritable(() -> {}));
        reader.pause();
        assertThat(writer.toString()).endsWith(", closed]");
    }

    @Test
    void unsupportedBackendNamesTheAlternative() {
        assertUnsupported(() -> FifoReader.open(loop, fifo, received), "native backend");
        assertUnsupported(() -> FifoWriter.open(loop, fifo), "native backend");
    }
}
