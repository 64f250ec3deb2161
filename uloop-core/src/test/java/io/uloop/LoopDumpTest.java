package io.uloop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.uloop.connection.Connection;
import io.uloop.connection.ConnectionHandler;
import io.uloop.connection.ConnectionOptions;
import io.uloop.connection.frames.LineHandler;
import io.uloop.connection.frames.Lines;
import io.uloop.net.TcpChannel;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class LoopDumpTest extends EachBackend {
    private static final String HERE = LoopDumpTest.class.getName();

    private List<String> lines() {
        return LoopDump.of(loop).lines().toList();
    }

    /** Handles the events of a descriptor. */
    private static final class Reader implements EventHandler {
        @Override
        public void processEvent(int fd, int events) {}

        @Override
        public String toString() {
            throw new AssertionError("code of the program is called");
        }
    }

    /** Handles a connection. */
    private static final class Echo implements ConnectionHandler {
        @Override
        public void received(Connection connection, ByteBuffer data) {
            connection.write(data);
        }
    }

    /** Handles a connection of lines. */
    private static final class EachLine implements LineHandler {
        @Override
        public void line(Connection connection, String line) {}
    }

    /** A task of a timer. */
    private static final class Report implements LoopTask {
        @Override
        public void run() {}
    }

    @Test
    void idleLoopHasOneLine() {
        assertThat(lines()).containsExactly(loop.toString());
    }

    @Test
    void eachDescriptorHasItsInterestAndHandler() throws IOException {
        int fd = highPipe().readEnd();
        int other = highPipe().writeEnd();
        loop.add(fd, UEvent.IN, new Reader());
        loop.add(other, UEvent.NONE, new Reader()).unref();
        assertThat(lines())
                .hasSize(3)
                .startsWith(loop.toString())
                .contains(
                        "  fd=" + fd + " IN: " + HERE + "$Reader",
                        "  fd=" + other + " NONE, unreferenced: " + HERE + "$Reader");
    }

    @Test
    void connectionHasTheHandlerOfTheProgram() throws IOException {
        TcpChannel[] ends = connection();
        Connection connection = Connection.open(ends[0], ConnectionOptions.DEFAULTS, new Echo());
        connection.unref();
        assertThat(lines())
                .anyMatch(
                        line ->
                                line.startsWith("  fd=" + ends[0].fd() + " ")
                                        && line.endsWith(", unreferenced: " + HERE + "$Echo"));
        connection.abort();
    }

    @Test
    void connectionOfFramesHasTheHandlerOfTheProgram() throws IOException {
        TcpChannel[] ends = connection();
        Connection connection =
                Connection.open(
                        ends[0],
                        ConnectionOptions.DEFAULTS,
                        Lines.upTo(100).handler(new EachLine()));
        assertThat(lines()).anyMatch(line -> line.endsWith(": " + HERE + "$EachLine"));
        connection.abort();
    }

    @Test
    void eachTimerHasItsTimesAndTaskInOrder() {
        loop.callEvery(Duration.ofHours(2), new Report()).unref();
        loop.callLater(Duration.ofHours(1), new Report());
        loop.callLater(Duration.ofHours(3), new Report()).repeatAfter(Duration.ofMinutes(1));
        loop.callAt(Instant.now().plusSeconds(60), new Report());
        List<String> lines = lines();
        String task = HERE + "$Report";
        assertThat(lines).hasSize(5);
        assertThat(lines.get(1)).matches("  timer due in \\d+ ms: " + quoted(task));
        assertThat(lines.get(2))
                .matches("  timer due in 7\\d+ ms, every PT2H, unreferenced: " + quoted(task));
        assertThat(lines.get(3)).matches("  timer due in 10\\d+ ms, pause PT1M: " + quoted(task));
        assertThat(lines.get(4)).matches("  timer due in [56]\\d+ ms: " + quoted(task));
    }

    private static String quoted(String text) {
        return Pattern.quote(text);
    }

    @Test
    void unfinishedFuturesAreCounted() {
        CompletableFuture<Integer> future = loop.callIn(task -> {}, () -> 1);
        assertThat(lines())
                .containsExactly(loop.toString(), "  unfinished futures, processes and fibers: 1");
        future.cancel(false);
        assertThat(lines()).hasSize(1);
    }

    @Test
    void otherThreadsSubmitTheCall() throws Exception {
        int fd = highPipe().readEnd();
        loop.add(fd, UEvent.IN, new Reader());
        String[] dump = new String[1];
        onAnotherThreadWhileTheLoopRuns(
                () -> {
                    assertThatIllegalStateException().isThrownBy(() -> LoopDump.of(loop));
                    dump[0] = loop.submit(() -> LoopDump.of(loop)).get();
                });
        assertThat(dump[0]).contains("fd=" + fd + " IN");
    }

    @Test
    void closedLoopHasNothing() {
        loop.close();
        assertThat(LoopDump.of(loop)).startsWith("Uloop[").contains("closed");
    }
}
