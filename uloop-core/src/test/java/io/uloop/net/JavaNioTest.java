package io.uloop.net;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.uloop.EachBackend;
import io.uloop.poller.UEvent;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Code for the byte channels of java.nio works with the channels of a loop. */
class JavaNioTest extends EachBackend {
    @TempDir private Path directory;

    /** A connected pair of channels: TCP, unix-domain or pipe. */
    private List<ByteChannel[]> ways() throws IOException {
        List<ByteChannel[]> ways = new ArrayList<>();
        ways.add(connection());
        UnixListener listener =
                closing(
                        UnixListener.open(
                                loop, UnixDomainSocketAddress.of(directory.resolve("socket"))));
        UnixChannel client = closing(UnixChannel.connect(loop, listener.getLocalAddress()));
        ways.add(new ByteChannel[] {client, closing(listener.accept())});
        PipeChannel.Ends pipe = PipeChannel.open(loop);
        ways.add(new ByteChannel[] {closing(pipe.sink()), closing(pipe.source())});
        return ways;
    }

    @Test
    void fileIsTransferredThroughChannels() throws IOException {
        byte[] content = new byte[3 << 20];
        new Random(17).nextBytes(content);
        Path source = Files.write(directory.resolve("source"), content);
        for (ByteChannel[] way : ways()) {
            Path target = directory.resolve("target");
            try (FileChannel from = FileChannel.open(source);
                    FileChannel to =
                            FileChannel.open(
                                    target, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
                long[] moved = new long[2];
                runUntil(() -> transfer(from, way, to, moved) == content.length);
            }
            assertThat(Arrays.equals(Files.readAllBytes(target), content)).isTrue();
            Files.delete(target);
        }
    }

    private static long transfer(FileChannel from, ByteChannel[] way, FileChannel to, long[] moved)
            throws IOException {
        moved[0] += from.transferTo(moved[0], from.size() - moved[0], way[0]);
        moved[1] += to.transferFrom(way[1], moved[1], from.size() - moved[1]);
        return moved[1];
    }

    @Test
    void streamsAndReadersReadAvailableBytes() throws IOException {
        for (ByteChannel[] way : ways()) {
            OutputStream output = Channels.newOutputStream(way[0]);
            output.write("höre\nund lies\n".getBytes(UTF_8));
            byte[] read = new byte[64];
            int[] count = new int[1];
            runUntil(
                    () -> {
                        count[0] += way[1].read(rest(read, count[0]));
                        return count[0] == 15;
                    });
            assertThat(new String(read, 0, count[0], UTF_8)).isEqualTo("höre\nund lies\n");
            output.write("Zeile\n".getBytes(UTF_8));
            output.close();
            assertThat(way[0].isOpen()).isFalse();
            awaitReadable((LoopChannel) way[1]);
            try (BufferedReader reader = new BufferedReader(Channels.newReader(way[1], UTF_8))) {
                assertThat(reader.readLine()).isEqualTo("Zeile");
                assertThat(reader.readLine()).isNull();
            }
            assertThat(way[1].isOpen()).isFalse();
        }
    }

    private static ByteBuffer rest(byte[] array, int start) {
        return ByteBuffer.wrap(array, start, array.length - start);
    }

    private void awaitReadable(LoopChannel channel) throws IOException {
        boolean[] readable = new boolean[1];
        channel.register(UEvent.IN, (fd, events) -> readable[0] = true);
        runUntil(() -> readable[0]);
        channel.unregister();
    }
}
