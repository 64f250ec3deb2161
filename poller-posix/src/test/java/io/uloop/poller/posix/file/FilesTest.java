package io.uloop.poller.posix.file;

import static io.uloop.poller.posix.Failures.assertFails;
import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.SYNC;
import static java.nio.file.StandardOpenOption.TRUNCATE_EXISTING;
import static java.nio.file.StandardOpenOption.WRITE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.uloop.poller.Errno;
import io.uloop.poller.posix.DescriptorsTest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FilesTest extends DescriptorsTest {
    @TempDir private Path directory;

    FilesTest(boolean linux) {
        super(linux);
    }

    private Path file(String content) throws IOException {
        return Files.writeString(directory.resolve("file"), content);
    }

    @Test
    void fileIsOpenedForReadingByDefault() throws IOException {
        int fd = track(descriptors.open(file("content")));
        assertThat(read(fd, 7)).isEqualTo("content");
        assertThat(descriptors.read(fd, ByteBuffer.allocate(1))).isEqualTo(-1);
        assertFails(Errno.EBADF, () -> descriptors.write(fd, ByteBuffer.allocate(1)));
    }

    @Test
    void fileIsWrittenInPlace() throws IOException {
        Path file = file("content");
        write(track(descriptors.open(file, WRITE)), "CON");
        assertThat(file).hasContent("CONtent");
    }

    @Test
    void fileIsReadAndWritten() throws IOException {
        Path file = file("content");
        int fd = track(descriptors.open(file, READ, WRITE));
        assertThat(read(fd, 3)).isEqualTo("con");
        write(fd, "T");
        assertThat(file).hasContent("conTent");
    }

    @Test
    void appendImpliesWrite() throws IOException {
        Path file = file("one");
        write(track(descriptors.open(file, APPEND)), "two");
        assertThat(file).hasContent("onetwo");
    }

    @Test
    void fileIsTruncatedOnlyWhenWritten() throws IOException {
        Path file = file("content");
        track(descriptors.open(file, READ, TRUNCATE_EXISTING));
        assertThat(file).hasContent("content");
        track(descriptors.open(file, WRITE, TRUNCATE_EXISTING));
        assertThat(file).isEmptyFile();
    }

    @Test
    void fileIsCreatedOnlyWhenWritten() throws IOException {
        Path file = directory.resolve("new");
        assertFails(Errno.ENOENT, () -> descriptors.open(file, READ, CREATE));
        assertFails(Errno.ENOENT, () -> descriptors.open(file, WRITE));
        write(track(descriptors.open(file, WRITE, CREATE)), "x");
        assertThat(file).hasContent("x");
        assertThat(Files.getPosixFilePermissions(file).toString()).doesNotContain("EXECUTE");
        assertFails(Errno.EEXIST, () -> descriptors.open(file, WRITE, CREATE_NEW));
    }

    @Test
    void nameMayHaveSpecialCharacters() throws IOException {
        Path file = directory.resolve("a b%c");
        write(track(descriptors.open(file, WRITE, CREATE_NEW)), "x");
        assertThat(file).hasContent("x");
    }

    @Test
    void emptyPathIsTheWorkingDirectory() throws IOException {
        int fd = track(descriptors.open(Path.of("")));
        assertThat(FileIdentity.of(fd).kind()).isEqualTo(FileIdentity.Kind.FILE);
        assertFails(Errno.EISDIR, () -> descriptors.read(fd, ByteBuffer.allocate(1)));
    }

    @Test
    void unknownOptionsAreRejected() {
        Path file = directory.resolve("never");
        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(() -> descriptors.open(file, WRITE, CREATE, SYNC))
                .withMessageContaining("SYNC");
        assertThat(file).doesNotExist();
    }

    @Test
    void failureNamesTheFile() {
        Path missing = directory.resolve("missing");
        assertThat(assertFails(Errno.ENOENT, () -> descriptors.open(missing)))
                .hasMessageContaining(missing.toString());
    }

    @Test
    void fifoOpensWithoutWaitingForTheOtherEnd() throws Exception {
        Path fifo = directory.resolve("fifo");
        Process mkfifo = new ProcessBuilder("mkfifo", fifo.toString()).start();
        assertThat(mkfifo.waitFor(1, TimeUnit.MINUTES)).isTrue();
        assertFails(Errno.ENXIO, () -> descriptors.open(fifo, WRITE));
        int reader = track(descriptors.open(fifo));
        int writer = track(descriptors.open(fifo, WRITE));
        assertThat(descriptors.read(reader, ByteBuffer.allocate(1))).isZero();
        write(writer, "through");
        assertThat(read(reader, 7)).isEqualTo("through");
        close(writer);
        readEnd(reader);
    }

    @Test
    void dupSharesTheOpenFile() throws IOException {
        int fd = track(descriptors.open(file("content")));
        int copy = track(descriptors.dup(fd));
        assertThat(copy).isNotEqualTo(fd);
        assertThat(read(fd, 3)).isEqualTo("con");
        close(fd);
        assertThat(read(copy, 4)).isEqualTo("tent");
    }

    @Test
    void closeIsCountedBeforeTheNumberIsFree() throws IOException {
        int fd = descriptors.open(file("content"));
        int closes = descriptors.closes(fd);
        assertThat(descriptors.isOpen(fd)).isTrue();
        descriptors.close(fd);
        assertThat(descriptors.isOpen(fd)).isFalse();
        assertThat(descriptors.closes(fd)).isEqualTo(closes + 1);
    }
}
