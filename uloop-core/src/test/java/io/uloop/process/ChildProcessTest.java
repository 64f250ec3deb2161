package io.uloop.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.uloop.EachBackend;
import io.uloop.poller.UEvent;
import io.uloop.source.InputHandler;
import io.uloop.source.WriteHandler;
import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Tests children and their streams. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "there is no sh")
class ChildProcessTest extends EachBackend {
    /** Less than the capacity of a pipe, so that a child can exit before any of it is read. */
    private static final int FITS = 60_000;

    private static final int MANY = 1_000_000;

    private final Collector output = new Collector();
    private final Collector errors = new Collector();
    private int status = -1;

    @Test
    void outputErrorsAndStatusAreSeparate() throws Exception {
        start("echo out; echo err >&2; exit 3");
        runUntil(this::isOver);
        assertThat(output.text).hasToString("out\n");
        assertThat(errors.text).hasToString("err\n");
        assertThat(status).isEqualTo(3);
    }

    @Test
    void outputBeforeTheExitIsComplete() throws Exception {
        ChildProcess child = start("head -c " + FITS + " /dev/zero; echo end >&2");
        child.pause();
        runUntil(() -> status >= 0);
        assertThat(output.bytes).isZero();
        child.resume();
        runUntil(this::isOver);
        assertThat(output.bytes).isEqualTo(FITS);
        assertThat(errors.text).hasToString("end\n");
        child.resume();
    }

    @Test
    void outputLargerThanAPipeIsComplete() throws Exception {
        start("head -c " + MANY + " /dev/zero");
        runUntil(this::isOver);
        assertThat(output.bytes).isEqualTo(MANY);
        assertThat(status).isZero();
    }

    @Test
    void inputReturnsFromCat() throws Exception {
        ChildProcess child = start("exec cat");
        assertThat(child.write(bytes("hello"))).isEqualTo(5);
        runUntil(() -> output.bytes == 5);
        assertThat(output.text).hasToString("hello");
        assertThat(output.over).isFalse();
        child.closeInput();
        child.closeInput();
        runUntil(this::isOver);
        assertThat(status).isZero();
        assertThatIllegalStateException().isThrownBy(() -> child.write(bytes("x")));
    }

    @Test
    void unreferencedChildDoesNotKeepARunWaiting() throws Exception {
        ChildProcess child = start("exec cat");
        assertThat(child.hasRef()).isTrue();
        child.unref();
        assertThat(child.hasRef()).isFalse();
        loop.runUntilIdle();
        child.pause();
        child.resume();
        loop.runUntilIdle();
        assertThat(status).isEqualTo(-1);
        child.ref();
        child.write(bytes("hello"));
        child.closeInput();
        loop.runUntilIdle();
        assertThat(isOver()).isTrue();
        assertThat(output.text).hasToString("hello");
    }

    @Test
    void writerWaitsForASlowChild() throws Exception {
        ChildProcess child = start("exec cat");
        new Writer(child, MANY).writable();
        runUntil(this::isOver);
        assertThat(output.bytes).isEqualTo(MANY);
    }

    @Test
    void writeWithoutReaderFailsWithEpipe() throws Exception {
        ChildProcess child = start("exit 0");
        runUntil(this::isOver);
        assertThatThrownBy(
                        () -> {
                            long deadline = System.nanoTime() + DEADLINE.toNanos();
                            while (System.nanoTime() < deadline) {
                                child.write(bytes("x"));
                            }
                        })
                .isInstanceOf(IOException.class)
                .hasMessageContaining("EPIPE");
    }

    @Test
    void grandchildKeepsADirectPipeOpen() throws Exception {
        ChildProcess child = start("sleep 1000 & echo $!; exec cat");
        runUntil(() -> output.text.toString().endsWith("\n"));
        long pid = Long.parseLong(output.text.toString().strip());
        ProcessHandle grandchild = ProcessHandle.of(pid).orElseThrow();
        closing(grandchild::destroyForcibly);
        child.closeInput();
        runUntil(() -> status == 0);
        if (!provider.name().equals("select")) {
            loop.runOnce(0);
            assertThat(output.over).isFalse();
        }
        grandchild.destroyForcibly();
        runUntil(this::isOver);
    }

    @Test
    void secondChildDoesNotInheritStreamsOfTheFirst() throws Exception {
        start("exec cat").closeInput();
        Process other = new ProcessBuilder("sleep", "1000").start();
        try {
            runUntil(this::isOver);
            assertThat(other.isAlive()).isTrue();
        } finally {
            other.destroyForcibly().waitFor();
            closeStreams(other);
        }
    }

    @Test
    void commandThatDoesNotExistLeavesNothingOpen() {
        ProcessBuilder builder = new ProcessBuilder("/no/such/command");
        assertThatThrownBy(() -> ChildProcess.start(loop, builder, output, errors, this::exited))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("/no/such/command")
                .hasMessageContaining("No such file");
        assertThat(builder.redirectInput()).isEqualTo(Redirect.PIPE);
        assertThat(builder.redirectOutput()).isEqualTo(Redirect.PIPE);
        assertThat(builder.redirectError()).isEqualTo(Redirect.PIPE);
        assertThat(loop.toString()).contains("descriptors=0");
    }

    @Test
    void closedLoopStartsNothing() throws Exception {
        loop.close();
        assertThatIllegalStateException().isThrownBy(() -> start("exit 0"));
    }

    @Test
    void redirectedStreamsStayWhereTheyAre(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("out");
        ProcessBuilder builder = new ProcessBuilder("sh", "-c", "echo out; echo err >&2");
        builder.redirectInput(Redirect.from(Path.of("/dev/null").toFile()));
        builder.redirectOutput(file.toFile());
        ChildProcess child = start(builder);
        runUntil(() -> errors.over && status >= 0);
        assertThat(file).hasContent("out");
        assertThat(errors.text).hasToString("err\n");
        assertThat(builder.redirectOutput().file()).isEqualTo(file.toFile());
        assertThatIllegalStateException()
                .isThrownBy(() -> child.write(bytes("x")))
                .withMessageContaining("it is redirected");
    }

    @Test
    void errorsMayBeMergedIntoTheOutput() throws Exception {
        start(new ProcessBuilder("sh", "-c", "echo out; echo err >&2").redirectErrorStream(true));
        runUntil(() -> output.over && status >= 0);
        assertThat(output.text).hasToString("out\nerr\n");
        assertThat(errors.text).isEmpty();
    }

    @Test
    void builderMayStartSeveral() throws Exception {
        ProcessBuilder builder = new ProcessBuilder("sh", "-c", "echo out");
        start(builder);
        runUntil(this::isOver);
        start(builder);
        runUntil(() -> output.text.toString().equals("out\nout\n"));
    }

    @Test
    void closedChildKeepsRunningWithoutCallbacks() throws Exception {
        ChildProcess child = start("cat; exit 7");
        child.close();
        child.close();
        assertThat(child.process().waitFor()).isEqualTo(7);
        loop.runOnce(0);
        assertThat(status).isEqualTo(-1);
        assertThat(output.over).isFalse();
        assertThat(loop.toString()).contains("descriptors=0");
        assertThat(child.toString()).startsWith("ChildProcess[Process[pid=");
    }

    @Test
    void closeOnAnotherThreadChangesNothing() throws Exception {
        ChildProcess child = start("cat; exit 7");
        onAnotherThreadWhileTheLoopRuns(
                () -> {
                    assertThatIllegalStateException().isThrownBy(child::closeInput);
                    assertThatIllegalStateException().isThrownBy(child::close);
                });
        child.write(bytes("x"));
        child.closeInput();
        runUntil(this::isOver);
        assertThat(output.text).hasToString("x");
        assertThat(status).isEqualTo(7);
    }

    @Test
    @EnabledOnOs(value = OS.LINUX, disabledReason = "the list is in /proc")
    void startOnAnotherThreadLeavesNothingOpen() throws Exception {
        ProcessBuilder builder = new ProcessBuilder("true");
        long before = openPipes();
        onAnotherThreadWhileTheLoopRuns(
                () -> assertThatIllegalStateException().isThrownBy(() -> start(builder)));
        assertThat(openPipes()).isLessThanOrEqualTo(before); // less if others are collected
    }

    /** Counts the ends of pipes that this process has open. */
    private static long openPipes() throws IOException {
        long count = 0;
        for (File fd : Objects.requireNonNull(new File("/proc/self/fd").listFiles())) {
            try {
                count += Files.readSymbolicLink(fd.toPath()).toString().startsWith("pipe:") ? 1 : 0;
            } catch (NoSuchFileException e) {
                // It was that of the list, or has just been closed.
            }
        }
        return count;
    }

    @Test
    @EnabledOnOs(value = OS.LINUX, disabledReason = "the list is in /proc")
    void childInheritsNothingButItsThreeStreams() throws Exception {
        int fd = readablePipe();
        loop.add(fd, UEvent.NONE, (number, events) -> {});
        connection();
        Exits.on(loop, ProcessHandle.current().parent().orElseThrow(), () -> {});
        start("exec ls /proc/self/fd");
        runUntil(this::isOver);
        // 3 is the directory that ls reads.
        assertThat(output.text.toString().lines()).containsExactly("0", "1", "2", "3");
    }

    private ChildProcess start(String script) throws IOException {
        return start(new ProcessBuilder("sh", "-c", script));
    }

    private ChildProcess start(ProcessBuilder builder) throws IOException {
        ChildProcess child = ChildProcess.start(loop, builder, output, errors, this::exited);
        closing(
                () -> {
                    child.close();
                    child.process().destroyForcibly().waitFor();
                    closeStreams(child.process());
                });
        return child;
    }

    private static void closeStreams(Process process) throws IOException {
        process.getInputStream().close();
        process.getErrorStream().close();
        process.getOutputStream().close();
    }

    private void exited(Process process, int code) {
        status = code;
    }

    private boolean isOver() {
        return output.over && errors.over && status >= 0;
    }

    /** Collects the received bytes. */
    private static final class Collector implements InputHandler {
        final StringBuilder text = new StringBuilder();
        int bytes;
        boolean over;

        @Override
        public void received(ByteBuffer chunk) {
            bytes += chunk.remaining();
            text.append(StandardCharsets.US_ASCII.decode(chunk));
        }

        @Override
        public void ended() {
            over = true;
        }
    }

    /** Writes zeros as fast as possible. */
    private static final class Writer implements WriteHandler {
        private final ChildProcess child;
        private final ByteBuffer rest;

        Writer(ChildProcess child, int bytes) {
            this.child = child;
            rest = ByteBuffer.allocate(bytes);
        }

        @Override
        public void writable() throws IOException {
            child.write(rest);
            if (rest.hasRemaining()) {
                child.awaitWritable(this);
            } else {
                child.closeInput();
            }
        }
    }
}
