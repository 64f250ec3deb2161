package io.uloop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.uloop.net.PipeChannel;
import io.uloop.net.TcpChannel;
import io.uloop.net.TcpListener;
import io.uloop.net.UdpChannel;
import io.uloop.net.UnixChannel;
import io.uloop.net.UnixListener;
import io.uloop.poller.UEvent;
import io.uloop.process.ChildProcess;
import io.uloop.source.EventFd;
import io.uloop.source.FifoReader;
import io.uloop.source.FifoWriter;
import io.uloop.source.FileWatcher;
import io.uloop.source.InputHandler;
import io.uloop.source.Pty;
import io.uloop.source.StandardInput;
import io.uloop.source.TimerFd;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests that every kind of owner is closed and logged if the program forgets it. */
class ForgottenOwnerTest extends EachBackend {
    private static final boolean LINUX = System.getProperty("os.name").equals("Linux");

    @TempDir private Path folder;
    private CapturedLog log;

    /** Opens an owner on a loop. */
    @FunctionalInterface
    private interface Opener {
        void open(Uloop loop) throws Exception;
    }

    private static final class Ignoring implements InputHandler {
        @Override
        public void received(ByteBuffer bytes) {}

        @Override
        public void ended() {}

        @Override
        public void failed(IOException failure) {}
    }

    @BeforeEach
    void captureLog() {
        log =
                new CapturedLog(
                        "io.uloop", record -> !record.getMessage().contains("ForgottenOwnerTest"));
    }

    @AfterEach
    void releaseLog() {
        log.close();
    }

    private void assumeNative() {
        assumeTrue(!provider.name().equals("select"), "needs file descriptors");
    }

    private void collectUntil(BooleanSupplier condition) throws IOException {
        runUntil(
                () -> {
                    System.gc();
                    return condition.getAsBoolean();
                });
    }

    private long logged(String type) {
        return log.messages().stream()
                .filter(line -> line.startsWith(type + "[fd="))
                .filter(line -> line.contains(", closed] was garbage-collected open: call close"))
                .filter(line -> line.contains("it was opened at io.uloop.ForgottenOwnerTest."))
                .filter(line -> line.contains("(ForgottenOwnerTest.java:"))
                .count();
    }

    /** Opens an owner on a loop, and forgets both. The test fails if the descriptor stays open. */
    private void assertLoggedWithItsLoop(String type, int lines, Opener opener) throws Exception {
        openOnForgottenLoop(opener);
        collectUntil(() -> logged(type) == lines);
        assertThat(log.messages()).hasSize(lines);
    }

    private void openOnForgottenLoop(Opener opener) throws Exception {
        try (Uloop forgotten = Uloop.builder().poller(provider).build()) {
            opener.open(forgotten);
        }
    }

    /** Opens an owner that is not registered on the loop of the test, and forgets it. */
    private void assertLogged(String type, int lines, Opener opener) throws Exception {
        opener.open(loop);
        assertThat(loop.toString()).contains("descriptors=0");
        collectUntil(() -> logged(type) == lines);
        assertThat(log.messages()).hasSize(lines);
    }

    private Path fifo() throws IOException, InterruptedException {
        Path fifo = folder.resolve("fifo");
        Process made = new ProcessBuilder("mkfifo", fifo.toString()).start();
        assertThat(made.waitFor(1, TimeUnit.MINUTES)).isTrue();
        assertThat(made.exitValue()).isZero();
        return fifo;
    }

    @Test
    void pipeEnds() throws Exception {
        assertLogged("PipeChannel", 2, PipeChannel::open);
    }

    @Test
    void registeredPipeTogetherWithItsLoop() throws Exception {
        assertLoggedWithItsLoop(
                "PipeChannel",
                2,
                on -> {
                    PipeChannel.Ends ends = PipeChannel.open(on);
                    ends.source().register(UEvent.IN, (fd, events) -> ends.source().close());
                });
    }

    @Test
    void udpSocket() throws Exception {
        assertLogged("UdpChannel", 1, on -> UdpChannel.open(on, StandardProtocolFamily.INET));
    }

    @Test
    void tcpSocket() throws Exception {
        assertLogged("TcpChannel", 1, on -> TcpChannel.open(on, StandardProtocolFamily.INET));
    }

    @Test
    void unixSocket() throws Exception {
        assertLogged("UnixChannel", 1, UnixChannel::open);
    }

    @Test
    void tcpListener() throws Exception {
        assertLogged("TcpListener", 1, on -> TcpListener.open(on, anyPort()));
    }

    @Test
    void unixListener() throws Exception {
        assertLogged("UnixListener", 1, UnixListener::open);
    }

    @Test
    void pausedPty() throws Exception {
        assumeNative();
        assertLogged("Pty", 1, on -> Pty.open(on, new Ignoring()).pause());
    }

    @Test
    void ptyTogetherWithItsLoop() throws Exception {
        assumeNative();
        assertLoggedWithItsLoop("Pty", 1, on -> Pty.open(on, new Ignoring()));
    }

    @Test
    void pausedFifoReader() throws Exception {
        assumeNative();
        Path fifo = fifo();
        assertLogged(
                "FifoReader",
                1,
                on -> {
                    FifoReader reader = FifoReader.open(on, fifo, new Ignoring());
                    reader.hold();
                    reader.pause();
                });
    }

    @Test
    void fifoWriter() throws Exception {
        assumeNative();
        Path fifo = fifo();
        try (FifoReader reader = FifoReader.open(loop, fifo, new Ignoring())) {
            reader.pause();
            assertLogged("FifoWriter", 1, on -> FifoWriter.open(on, fifo));
        }
    }

    @Test
    void pausedStandardInput() throws Exception {
        assumeNative();
        assertLogged(
                "StandardInput",
                1,
                on -> {
                    try (Uloop accepting =
                            Uloop.builder().poller(provider).alwaysReadyFiles(true).build()) {
                        StandardInput.open(accepting, new Ignoring()).pause();
                    }
                });
    }

    @Test
    void childProcess() throws Exception {
        assertLoggedWithItsLoop(
                "ChildProcess",
                3,
                on ->
                        ChildProcess.start(
                                on,
                                new ProcessBuilder("cat"),
                                new Ignoring(),
                                new Ignoring(),
                                (process, status) -> {}));
    }

    @Test
    void eventFd() throws Exception {
        assumeTrue(LINUX);
        assumeNative();
        assertLoggedWithItsLoop("EventFd", 1, on -> EventFd.open(on, count -> {}));
    }

    @Test
    void timerFd() throws Exception {
        assumeTrue(LINUX);
        assumeNative();
        assertLoggedWithItsLoop("TimerFd", 1, on -> TimerFd.open(on, count -> {}));
    }

    @Test
    void fileWatcher() throws Exception {
        assumeTrue(LINUX);
        assumeNative();
        assertLoggedWithItsLoop("FileWatcher", 1, FileWatcher::open);
    }

    @Test
    void registeredSourceIsKeptByItsLoop() throws Exception {
        assumeNative();
        openOnForgottenLoop(
                on -> {
                    Pty.open(on, new Ignoring());
                    for (int i = 0; i < 5; i++) {
                        System.gc();
                        on.runOnce(0);
                    }
                    assertThat(on.toString()).contains("descriptors=1");
                    assertThat(log.messages()).isEmpty();
                });
        collectUntil(() -> logged("Pty") == 1);
    }
}
