package io.uloop.poller.posix.process;

import static io.uloop.poller.posix.Failures.assertFails;

import io.uloop.poller.Errno;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests what no child is needed for, or only one that belongs to the JDK. */
class PosixProcessesTest {
    private Process child;

    @BeforeEach
    void startChildOfTheJdk() throws Exception {
        child = new ProcessBuilder("cat").start();
    }

    @AfterEach
    void endChild() throws Exception {
        child.getOutputStream().close();
        child.waitFor();
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1, Long.MIN_VALUE, Integer.MIN_VALUE, 1L << 32, Long.MAX_VALUE})
    void onlyOneChildIsReaped(long pid) {
        assertFails(Errno.ECHILD, () -> PosixProcesses.INSTANCE.reap(pid));
    }
}
