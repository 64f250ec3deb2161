package io.uloop.poller.posix;

import static io.uloop.poller.tck.Waiting.until;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.uloop.poller.Descriptors;
import io.uloop.poller.posix.call.Libc;
import io.uloop.poller.tck.NoDescriptorLeak;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The fixture for tests of descriptors. Each test runs with and without Linux's own calls, and
 * closes what it opened.
 */
@ExtendWith(NoDescriptorLeak.class)
@ParameterizedClass(name = "linux={0}")
@ValueSource(booleans = {true, false})
public abstract class DescriptorsTest {
    public final PosixDescriptors descriptors;
    public final boolean linux;
    private final List<Integer> open = new ArrayList<>();

    public DescriptorsTest(boolean linux) {
        this.linux = linux;
        descriptors = new PosixDescriptors(Libc.CALLS, linux);
    }

    @AfterEach
    public void closeAll() throws IOException {
        for (int fd : open) {
            descriptors.close(fd);
        }
    }

    /** Registers a descriptor to be closed after the test. */
    public int track(int fd) {
        assertThat(fd).isNotNegative();
        open.add(fd);
        return fd;
    }

    public int[] track(int[] fds) {
        for (int fd : fds) {
            track(fd);
        }
        return fds;
    }

    /** Closes a tracked descriptor. */
    public void close(int fd) throws IOException {
        open.remove(Integer.valueOf(fd));
        descriptors.close(fd);
    }

    public int accept(int listener) throws IOException {
        return track(until(() -> descriptors.accept(listener), fd -> fd != Descriptors.NONE));
    }

    public void write(int fd, String text) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(UTF_8));
        assertThat(descriptors.write(fd, bytes)).isEqualTo(text.length());
        assertThat(bytes.hasRemaining()).isFalse();
    }

    /** Reads {@code length} bytes, or up to end of stream. */
    public String read(int fd, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        until(() -> descriptors.read(fd, bytes) < 0 || !bytes.hasRemaining());
        return UTF_8.decode(bytes.flip()).toString();
    }

    /** Waits for end of stream. */
    public void readEnd(int fd) throws IOException {
        until(() -> descriptors.read(fd, ByteBuffer.allocate(1)) == -1);
    }
}
