package io.uloop.poller.posix.file;

import static io.uloop.poller.posix.Failures.assertFails;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.uloop.poller.Errno;
import io.uloop.poller.posix.DescriptorsTest;
import io.uloop.poller.posix.PosixDescriptors;
import io.uloop.poller.posix.call.Libc;
import io.uloop.poller.posix.call.Linux;
import io.uloop.poller.spi.ActivityCounts;
import io.uloop.poller.tck.ChildJava;
import io.uloop.poller.tck.Ends;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.NonReadableChannelException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FileTransfersTest extends DescriptorsTest {
    private static final String OPTION = "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED";

    @TempDir private Path directory;

    FileTransfersTest(boolean linux) {
        super(linux);
    }

    /** The two implementations, which must behave the same. */
    private interface Way {
        long transfer(FileChannel source, long position, long count, int fd) throws IOException;
    }

    private Way withinTheKernel(Path path) throws IOException {
        assumeThat(Linux.HERE).isTrue();
        ActivityCounts counts = new ActivityCounts();
        FileTransfers files =
                new FileTransfers(new Transfers(Libc.CALLS, counts), Linux.CALLS, linux, counts);
        int file = track(descriptors.open(path));
        return (source, position, count, fd) -> files.send(file, source, position, count, fd);
    }

    private Path file(String text) throws IOException {
        return Files.writeString(directory.resolve("file"), text);
    }

    private void movesWhatIsAsked(Way way, FileChannel source) throws IOException {
        int[] ends = track(Ends.of(descriptors.socketPair()));
        assertThat(way.transfer(source, 2, 5, ends[0])).isEqualTo(5);
        assertThat(read(ends[1], 5)).isEqualTo("23456");
        assertThat(way.transfer(source, 8, Long.MAX_VALUE, ends[0])).isEqualTo(2);
        assertThat(read(ends[1], 2)).isEqualTo("89");
        assertThat(way.transfer(source, 10, 1, ends[0])).isEqualTo(-1);
        assertThat(way.transfer(source, 11, 1, ends[0])).isEqualTo(-1);
        assertThat(source.position()).isZero();
        close(ends[1]);
        assertFails(Errno.EPIPE, () -> way.transfer(source, 0, 1, ends[0]));
    }

    @Test
    void requestedBytesAreTransferred() throws IOException {
        Path path = file("0123456789");
        try (FileChannel source = FileChannel.open(path)) {
            movesWhatIsAsked(descriptors::transfer, source);
            movesWhatIsAsked(withinTheKernel(path), source);
            assertThat(descriptors.transfer(source, 0, 0, 0)).isZero();
        }
    }

    private void losesNothing(Way way, FileChannel source, byte[] content) throws IOException {
        int[] ends = track(Ends.of(descriptors.socketPair()));
        ByteArrayOutputStream received = new ByteArrayOutputStream();
        ByteBuffer target = ByteBuffer.allocate(10_000);
        boolean blocked = false;
        for (long position = 0; received.size() < content.length; ) {
            long moved;
            while ((moved = way.transfer(source, position, Long.MAX_VALUE, ends[0])) > 0) {
                position += moved;
            }
            blocked |= moved == 0;
            int count = descriptors.read(ends[1], target.clear());
            received.write(target.array(), 0, count);
        }
        assertThat(blocked).isTrue();
        assertThat(received.toByteArray()).isEqualTo(content);
    }

    @Test
    void shortWritesLoseNoBytes() throws IOException {
        byte[] content = new byte[1_000_003];
        new Random(42).nextBytes(content);
        Path path = Files.write(directory.resolve("large"), content);
        try (FileChannel source = FileChannel.open(path)) {
            losesNothing(descriptors::transfer, source, content);
            losesNothing(withinTheKernel(path), source, content);
        }
    }

    @Test
    void transferCountsAsActivity() throws IOException {
        int[] ends = track(Ends.of(descriptors.socketPair()));
        try (FileChannel source = FileChannel.open(file("x"))) {
            descriptors.transfer(source, 1, 1, ends[0]);
            assertThat(descriptors.activity(ends[0])).isZero();
            descriptors.transfer(source, 0, 1, ends[0]);
            assertThat(descriptors.activity(ends[0])).isEqualTo(1);
        }
    }

    @Test
    void badArgumentsAreRejected() throws IOException {
        int[] ends = track(Ends.of(descriptors.socketPair()));
        Path path = file("x");
        FileChannel closed = FileChannel.open(path);
        closed.close();
        assertThatExceptionOfType(ClosedChannelException.class)
                .isThrownBy(() -> descriptors.transfer(closed, 0, 1, ends[0]));
        try (FileChannel source = FileChannel.open(path);
                FileChannel sink = FileChannel.open(path, StandardOpenOption.WRITE)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> descriptors.transfer(source, -1, 1, ends[0]));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> descriptors.transfer(source, 0, -1, ends[0]));
            assertThatExceptionOfType(NonReadableChannelException.class)
                    .isThrownBy(() -> descriptors.transfer(sink, 0, 1, ends[0]));
            assertFails(Errno.EBADF, () -> descriptors.transfer(source, 0, 1, -1));
            assertFails(Errno.EBADF, () -> descriptors.transfer(source, 0, 1, 19_999));
        }
    }

    @Test
    void optionExposesFileDescriptors() throws Exception {
        try (FileChannel source = FileChannel.open(file("x"))) {
            assertThat(JdkChannels.filenoOrNone(source)).isEqualTo(JdkChannels.NONE);
        }
        assertThat(ChildJava.of(Shown.class).options(OPTION).run()).endsWith("shown\n");
    }

    /** Runs in a JVM with the option. */
    static final class Shown {
        public static void main(String[] arguments) throws IOException {
            PosixDescriptors descriptors = PosixDescriptors.INSTANCE;
            Path path = Files.createTempFile("shown", ".txt");
            Path other = Files.createTempFile("shown", ".txt");
            int[] ends = Ends.of(descriptors.pipe());
            Files.writeString(path, "content");
            try (FileChannel source = FileChannel.open(path);
                    FileChannel sink = FileChannel.open(other, StandardOpenOption.WRITE)) {
                int fd = JdkChannels.filenoOrNone(source);
                assertThat(fd).isNotNegative();
                assertThat(FileIdentity.of(fd)).isEqualTo(FileIdentity.of(descriptors.open(path)));
                assertThat(descriptors.transfer(source, 0, 100, ends[1])).isEqualTo(7);
                ByteBuffer target = ByteBuffer.allocate(100);
                descriptors.read(ends[0], target);
                assertThat(UTF_8.decode(target.flip()).toString()).isEqualTo("content");
                assertThatExceptionOfType(NonReadableChannelException.class)
                        .isThrownBy(() -> descriptors.transfer(sink, 0, 1, ends[1]));
            } finally {
                Files.delete(path);
                Files.delete(other);
            }
            System.out.println("shown");
        }
    }
}
