package io.uloop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.uloop.poller.Descriptors;
import io.uloop.poller.Errno;
import io.uloop.poller.NativeDescriptors;
import io.uloop.poller.PollerException;
import io.uloop.poller.UEvent;
import io.uloop.poller.tck.Ends;
import io.uloop.poller.tck.HighNumbers;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests files that no kernel polls. */
class AlwaysReadyTest extends EachBackend {
    @TempDir Path folder;

    private final List<String> calls = new ArrayList<>();
    private Uloop files;
    private int file;

    @BeforeEach
    void openFile() throws IOException {
        assumeTrue(!provider.name().equals("select"), "NIO has no file descriptors");
        files = closing(Uloop.builder().poller(provider).alwaysReadyFiles(true).build());
        Path path = Files.writeString(folder.resolve("text"), "one two three");
        file = NativeDescriptors.of(provider()).open(path, StandardOpenOption.READ);
    }

    @AfterEach
    void closeFile() throws IOException {
        if (file > 0) {
            io.close(file);
        }
    }

    private void note(int fd, int events) {
        calls.add(UEvent.toString(events));
    }

    @Test
    void withoutTheOptionTheErrorSaysHowToTurnItOn() throws IOException {
        assertThatThrownBy(() -> loop.add(file, UEvent.IN, this::note))
                .isInstanceOfSatisfying(
                        PollerException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EPERM))
                .hasMessageContaining("fd=" + file)
                .hasMessageContaining("Uloop.builder().alwaysReadyFiles(true)")
                .hasCauseInstanceOf(PollerException.class);
        assertThat(loop.toString()).contains("descriptors=0");
    }

    @Test
    void devNullIsReadToItsEnd() throws IOException {
        int nothing =
                NativeDescriptors.of(provider())
                        .open(Path.of("/dev/null"), StandardOpenOption.READ);
        files.add(
                nothing,
                UEvent.IN,
                (fd, events) -> {
                    assertThat(io.read(fd, ByteBuffer.allocate(1))).isEqualTo(-1);
                    calls.add("end");
                    files.remove(fd);
                });
        files.runUntilIdle();
        assertThat(calls).containsExactly("end");
        io.close(nothing);
    }

    @Test
    void fileIsReadToItsEndLikeAPipe() throws IOException {
        StringBuilder text = new StringBuilder();
        ByteBuffer buffer = ByteBuffer.allocate(4);
        files.add(
                file,
                UEvent.IN,
                (fd, events) -> {
                    if (io.read(fd, buffer.clear()) < 0) {
                        files.remove(fd);
                    } else {
                        text.append(StandardCharsets.US_ASCII.decode(buffer.flip()));
                    }
                });
        files.runUntilIdle();
        assertThat(text).hasToString("one two three");
    }

    @Test
    void reportsOnlyTheInterestAndDoesNotSpinWithoutOne() throws IOException {
        files.add(file, UEvent.OUT, this::note);
        assertThat(files.runOnce(-1)).isEqualTo(1);
        files.modify(file, UEvent.IN | UEvent.OUT);
        files.runOnce(-1);
        files.modify(file, UEvent.NONE);
        long start = System.nanoTime();
        assertThat(files.runOnce(Duration.ofMillis(3).toNanos())).isZero();
        assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(3_000_000);
        files.remove(file);
        assertThat(calls).containsExactly("OUT", "IN|OUT");
        assertThat(files.toString()).contains("descriptors=0");
    }

    @Test
    void oneshotReportsOnceUntilModified() throws IOException {
        files.add(file, UEvent.IN | UEvent.ONESHOT, this::note);
        assertThat(files.runOnce(0)).isEqualTo(1);
        assertThat(files.runOnce(0)).isZero();
        files.modify(file, UEvent.IN | UEvent.ONESHOT);
        assertThat(files.runOnce(0)).isEqualTo(1);
        assertThat(files.runOnce(0)).isZero();
        files.remove(file);
    }

    @Test
    void failsWithTheSameErrorsAsAPolledDescriptor() throws IOException {
        files.add(file, UEvent.IN, this::note);
        assertThatThrownBy(() -> files.add(file, UEvent.IN, this::note))
                .isInstanceOfSatisfying(
                        PollerException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EEXIST));
        assertThatThrownBy(() -> files.modify(file, UEvent.HUP))
                .isInstanceOf(IllegalArgumentException.class);
        files.remove(file);
        assertThatThrownBy(() -> files.remove(file))
                .isInstanceOfSatisfying(
                        PollerException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENOENT));
        assertThatThrownBy(() -> files.modify(file, UEvent.IN))
                .isInstanceOfSatisfying(
                        PollerException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENOENT));
    }

    @Test
    void handlersMayAddAndRemoveFilesDuringDispatch() throws IOException {
        int second = NativeDescriptors.of(provider()).dup(file);
        int third = NativeDescriptors.of(provider()).dup(file);
        files.add(
                file,
                UEvent.IN,
                (fd, events) -> {
                    calls.add("first");
                    files.remove(second);
                    files.remove(fd);
                    files.add(fd, UEvent.IN, (number, bits) -> calls.add("again"));
                });
        files.add(second, UEvent.IN, (fd, events) -> calls.add("second"));
        files.add(third, UEvent.IN, (fd, events) -> calls.add("third"));
        files.runOnce(-1);
        assertThat(calls).containsExactly("first", "third");
        files.runOnce(-1);
        assertThat(calls).containsExactly("first", "third", "third", "again");
        files.remove(file);
        files.remove(third);
        io.close(second);
        io.close(third);
    }

    @Test
    void closeEndsTheReports() throws IOException {
        int second = NativeDescriptors.of(provider()).dup(file);
        files.add(
                file,
                UEvent.IN,
                (fd, events) -> {
                    calls.add("first");
                    files.close();
                });
        files.add(second, UEvent.IN, (fd, events) -> calls.add("second"));
        files.run();
        assertThat(calls).containsExactly("first");
        io.close(second);
    }

    @Test
    void busyFileStarvesNeitherTimersNorPipes() throws IOException {
        files.add(file, UEvent.IN, (fd, events) -> {});
        Descriptors.Pipe pipe = pipe();
        files.add(pipe.readEnd(), UEvent.IN, (fd, events) -> files.stop());
        files.callLater(Duration.ofMillis(2), () -> io.write(pipe.writeEnd(), bytes("x")));
        files.run();
        files.remove(file);
    }

    @Test
    void numberReusedByAPipeIsPolled() throws IOException {
        file = HighNumbers.raise(io, file);
        files.add(file, UEvent.IN, this::note);
        int[] pipe = Ends.of(io.pipe());
        int writer = track(pipe[1]);
        io.close(file);
        HighNumbers.reuse(io, pipe[0], file);
        files.add(file, UEvent.IN, (fd, events) -> calls.add("pipe"));
        assertThat(files.runOnce(0)).isZero();
        write(writer, "x");
        assertThat(files.runOnce(-1)).isEqualTo(1);
        assertThat(calls).containsExactly("pipe");
        files.remove(file);
    }
}
