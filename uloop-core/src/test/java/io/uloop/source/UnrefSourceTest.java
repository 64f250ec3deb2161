package io.uloop.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.uloop.poller.LineSettings;
import io.uloop.terminal.SerialLine;
import io.uloop.terminal.Terminal;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests sources that do not keep an idle run waiting. */
class UnrefSourceTest extends EachSource {
    @TempDir private Path directory;

    private Path fifo() throws Exception {
        assumeNative();
        Path path = directory.resolve("fifo");
        run("mkfifo", path.toString());
        return path;
    }

    private void assertEndsOnlyAfterUnref(EventSource source) throws IOException {
        assertThat(source.hasRef()).isTrue();
        source.unref();
        assertThat(source.hasRef()).isFalse();
        loop.runUntilIdle();
        source.ref();
        assertThat(source.hasRef()).isTrue();
        boolean[] waited = new boolean[1];
        loop.callLater(
                Duration.ZERO,
                () ->
                        loop.callLater(
                                        Duration.ofMillis(1),
                                        () -> {
                                            waited[0] = true;
                                            source.unref();
                                        })
                                .unref());
        loop.runUntilIdle();
        assertThat(waited[0]).as("%s keeps a run waiting", source).isTrue();
    }

    @Test
    void sourcesOfTheKernelDoNotKeepARunWaitingAfterUnref() throws IOException {
        assumeLinux();
        assertEndsOnlyAfterUnref(closing(EventFd.open(loop, count -> {})));
        TimerFd timer = closing(TimerFd.open(loop, count -> {}));
        timer.set(Duration.ofHours(1), Duration.ZERO);
        assertEndsOnlyAfterUnref(timer);
        FileWatcher watcher = closing(FileWatcher.open(loop));
        watcher.watch(directory, FileEvent.CREATE, (watch, events, name, cookie) -> {});
        assertEndsOnlyAfterUnref(watcher);
        assertThat(loop.metrics().descriptors()).isEqualTo(3);
    }

    @Test
    void pseudoTerminalDoesNotKeepARunWaitingAfterUnref() throws IOException {
        assumeNative();
        Pty pty = closing(Pty.open(loop, received));
        assertEndsOnlyAfterUnref(pty);
        pty.pause();
        pty.resume();
        loop.runUntilIdle();
        pty.close();
        assertThat(pty.hasRef()).isFalse();
    }

    @Test
    void linesDoNotKeepARunWaitingAfterUnref() throws IOException {
        assumeNative();
        Pty device = closing(Pty.open(loop, received));
        device.unref();
        Received keys = new Received();
        Terminal terminal = closing(Terminal.open(loop, device.slave(), keys));
        LineSettings settings = LineSettings.of(9600);
        SerialLine line = closing(SerialLine.open(loop, device.slave(), settings, keys));
        terminal.onResize(size -> {});
        assertThat(terminal.hasRef() && line.hasRef()).isTrue();
        terminal.unref();
        line.unref();
        loop.runUntilIdle();
        terminal.awaitWritable(line::ref); // which registers the terminal again
        loop.callLater(Duration.ZERO, () -> device.write(bytes("x")));
        loop.runOnce(0);
        runUntil(line::hasRef);
        line.unref();
        loop.runUntilIdle();
        assertThat(terminal.hasRef() || line.hasRef()).isFalse();
    }

    @Test
    void reopenedFifoReaderStaysUnreferenced() throws Exception {
        Path path = fifo();
        FifoReader reader = closing(FifoReader.open(loop, path, received));
        assertEndsOnlyAfterUnref(reader);
        FifoWriter writer = FifoWriter.open(loop, path);
        writer.write(bytes("hello"));
        writer.close();
        runUntil(() -> received.ends == 1);
        reader.reopen();
        assertThat(reader.hasRef()).isFalse();
        loop.runUntilIdle();
        reader.pause();
        reader.resume();
        loop.runUntilIdle();
        assertThat(loop.metrics().descriptors()).isEqualTo(1);
    }

    @Test
    void writerThatWaitsForRoomDoesNotKeepARunWaitingAfterUnref() throws Exception {
        Path path = fifo();
        FifoReader reader = closing(FifoReader.open(loop, path, received));
        reader.pause();
        FifoWriter writer = closing(FifoWriter.open(loop, path));
        while (writer.write(ByteBuffer.allocate(1 << 16)) > 0) {
            assertThat(reader.hasRef()).isTrue();
        }
        writer.unref(); // before it is registered
        writer.awaitWritable(() -> {});
        loop.runUntilIdle();
        assertThat(loop.metrics().descriptors()).isEqualTo(1);
    }

    @Test
    void otherThreadsAreRejectedWhileTheLoopRuns() throws Exception {
        assumeNative();
        Pty pty = closing(Pty.open(loop, received));
        onAnotherThreadWhileTheLoopRuns(
                () -> assertThatIllegalStateException().isThrownBy(pty::unref));
        assertThat(pty.hasRef()).isTrue();
    }
}
