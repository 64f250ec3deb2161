package io.uloop.poller.posix.file;

import static io.uloop.poller.posix.Failures.assertFails;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.uloop.poller.Errno;
import io.uloop.poller.WindowSize;
import io.uloop.poller.posix.DescriptorsTest;
import io.uloop.poller.tck.Ends;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PseudoTerminalsTest extends DescriptorsTest {
    PseudoTerminalsTest(boolean linux) {
        super(linux);
    }

    @Test
    void bytesPassUnchangedBothWays() throws IOException {
        int[] ends = track(Ends.of(descriptors.pty()));
        assertThat(descriptors.read(ends[0], ByteBuffer.allocate(1))).isZero();
        assertThat(descriptors.read(ends[1], ByteBuffer.allocate(1))).isZero();
        String controls = "a\r\n\u0003\u0004\u0013z";
        write(ends[0], controls);
        assertThat(read(ends[1], controls.length())).isEqualTo(controls);
        write(ends[1], controls);
        assertThat(read(ends[0], controls.length())).isEqualTo(controls);
        assertThat(descriptors.read(ends[0], ByteBuffer.allocate(1))).as("an echo").isZero();
    }

    @Test
    void slaveOpensByItsPath() throws IOException {
        int[] ends = track(Ends.of(descriptors.pty()));
        Path path = descriptors.ptsname(ends[0]);
        int second = track(descriptors.open(path, READ, WRITE));
        write(second, "x");
        assertThat(read(ends[0], 1)).isEqualTo("x");
    }

    @Test
    void windowSizeIsSet(@TempDir Path folder) throws Exception {
        int[] ends = track(Ends.of(descriptors.pty()));
        descriptors.terminals().setWindowSize(ends[0], new WindowSize(50, 65535));
        Path said = folder.resolve("said"); // the JDK may close a child's pipes at any time
        Process stty =
                new ProcessBuilder("stty", "size")
                        .redirectInput(descriptors.ptsname(ends[0]).toFile())
                        .redirectOutput(said.toFile())
                        .redirectErrorStream(true)
                        .start();
        assertThat(stty.waitFor()).isZero();
        assertThat(said).hasContent("50 65535");
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () ->
                                descriptors
                                        .terminals()
                                        .setWindowSize(ends[0], new WindowSize(-1, 80)));
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () ->
                                descriptors
                                        .terminals()
                                        .setWindowSize(ends[0], new WindowSize(25, 65536)));
    }

    @Test
    void nonTerminalsHaveNoPathOrSize() throws IOException {
        int[] pipe = track(Ends.of(descriptors.pipe()));
        assertFails(Errno.ENOTTY, () -> descriptors.ptsname(pipe[0]));
        assertFails(
                Errno.ENOTTY,
                () -> descriptors.terminals().setWindowSize(pipe[0], new WindowSize(25, 80)));
        assertFails(Errno.EBADF, () -> descriptors.ptsname(-1));
        assertFails(
                Errno.EBADF,
                () -> descriptors.terminals().setWindowSize(-1, new WindowSize(25, 80)));
    }

    @Test
    void slaveCloseIsReportedToTheMaster() throws IOException {
        int[] ends = track(Ends.of(descriptors.pty()));
        close(ends[1]);
        assertFails(
                Errno.EIO,
                () ->
                        Awaitility.await()
                                .until(
                                        () ->
                                                descriptors.read(ends[0], ByteBuffer.allocate(1))
                                                        != 0));
    }

    @Test
    void masterCloseIsReportedToTheSlave() throws IOException {
        int[] ends = track(Ends.of(descriptors.pty()));
        close(ends[0]);
        assertThat(descriptors.read(ends[1], ByteBuffer.allocate(1))).isEqualTo(-1);
        assertFails(Errno.EIO, () -> descriptors.write(ends[1], ByteBuffer.allocate(1)));
    }
}
