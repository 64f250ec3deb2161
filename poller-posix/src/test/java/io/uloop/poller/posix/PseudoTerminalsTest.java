package io.uloop.poller.posix;

import static io.uloop.poller.posix.Failures.assertFails;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

final class PseudoTerminalsTest extends DescriptorsTest {
    PseudoTerminalsTest(boolean linux) {
        super(linux);
    }

    @Test
    void bytesPassAsTheyAreBothWays() throws IOException {
        int[] ends = track(descriptors.pty());
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
    void masterHearsThatTheSlaveIsClosed() throws IOException {
        int[] ends = track(descriptors.pty());
        close(ends[1]);
        assertFails(
                "EIO",
                () ->
                        Awaitility.await()
                                .until(
                                        () ->
                                                descriptors.read(ends[0], ByteBuffer.allocate(1))
                                                        != 0));
    }

    @Test
    void slaveHearsThatTheMasterIsClosed() throws IOException {
        int[] ends = track(descriptors.pty());
        close(ends[0]);
        assertThat(descriptors.read(ends[1], ByteBuffer.allocate(1))).isEqualTo(-1);
        assertFails("EIO", () -> descriptors.write(ends[1], ByteBuffer.allocate(1)));
    }
}
