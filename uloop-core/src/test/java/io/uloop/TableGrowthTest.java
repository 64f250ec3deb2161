package io.uloop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.uloop.internal.LoopAccess;
import io.uloop.poller.Errno;
import io.uloop.poller.UEvent;
import io.uloop.poller.tck.ScriptedPoller;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Tests registrations for which the loop's tables cannot grow. No JVM has an array for the largest
 * number, however much memory it has.
 */
class TableGrowthTest {
    private static final int LARGEST = Integer.MAX_VALUE - 1;

    private final ScriptedPoller poller = new ScriptedPoller();
    private Uloop loop;

    @BeforeEach
    void open() throws IOException {
        loop = Uloop.builder().poller(poller.provider()).alwaysReadyFiles(true).build();
    }

    @AfterEach
    void close() {
        loop.close();
    }

    private void nothingIsRegistered() throws IOException {
        assertThat(poller.registered).isEmpty();
        assertThat(loop.metrics().descriptors()).isZero();
        assertThat(loop.runOnce(-1)).isZero();
        assertThatThrownBy(() -> loop.remove(LARGEST)).hasMessageContaining("ENOENT");
    }

    @Test
    void addWithoutMemoryIsUndone() throws IOException {
        for (int i = 0; i < 2; i++) { // the second is not refused as a duplicate
            assertThatThrownBy(() -> loop.add(LARGEST, UEvent.IN, (fd, events) -> {}))
                    .isInstanceOf(OutOfMemoryError.class);
            nothingIsRegistered();
        }
    }

    @Test
    void registrationOfAnOwnerWithoutMemoryIsUndone() throws IOException {
        EventHandler handler = (fd, events) -> {};
        LoopAccess inside = LoopAccess.of(loop);
        assertThatThrownBy(() -> inside.register(LARGEST, UEvent.IN, handler, false))
                .isInstanceOf(OutOfMemoryError.class);
        nothingIsRegistered();
    }

    @Test
    void addOfAFileWithoutMemoryIsUndone() throws IOException {
        poller.nextAddFails = ScriptedPoller.error(LARGEST, Errno.EPERM);
        assertThatThrownBy(() -> loop.add(LARGEST, UEvent.IN, (fd, events) -> {}))
                .isInstanceOf(OutOfMemoryError.class);
        nothingIsRegistered();
    }

    @Test
    void otherRegistrationsOutliveAnAddWithoutMemory() throws IOException {
        int[] calls = new int[1];
        Registration other = loop.add(5, UEvent.IN, (fd, events) -> calls[0]++);
        assertThatThrownBy(() -> loop.add(LARGEST, UEvent.IN, (fd, events) -> {}))
                .isInstanceOf(OutOfMemoryError.class);
        poller.ready(5, UEvent.IN);
        assertThat(loop.runOnce(-1)).isEqualTo(1);
        assertThat(calls[0]).isEqualTo(1);
        assertThat(other.isActive()).isTrue();
        assertThat(poller.registered).containsExactly(5);
    }
}
