package io.uloop;

import static org.assertj.core.api.Assertions.assertThat;

import io.uloop.connection.Connection;
import io.uloop.connection.ConnectionOptions;
import io.uloop.net.TcpChannel;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import javax.management.ObjectName;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests that a loop is closed and logged if the program forgets it. */
class ForgottenLoopTest extends EachBackend {
    private CapturedLog log;

    /** Uses a loop that nobody keeps. */
    @FunctionalInterface
    private interface Use {
        void of(Uloop loop) throws Exception;
    }

    @BeforeEach
    void captureLog() {
        log =
                new CapturedLog(
                        "io.uloop", record -> !record.getMessage().contains("ForgottenLoopTest"));
    }

    @AfterEach
    void releaseLog() {
        log.close();
    }

    private List<String> lines() {
        return log.messages().stream().filter(line -> line.startsWith("Uloop[")).toList();
    }

    private String start(String name) {
        return "Uloop["
                + name
                + ", "
                + provider.name()
                + "] was garbage-collected open: call close";
    }

    private void collectUntil(BooleanSupplier condition) throws IOException {
        runUntil(
                () -> {
                    System.gc();
                    return condition.getAsBoolean();
                });
    }

    private WeakReference<Uloop> forget(UloopBuilder builder, Use use) throws Exception {
        Uloop forgotten = builder.poller(provider).build();
        use.of(forgotten);
        return new WeakReference<>(forgotten);
    }

    private void assertClosedAndLogged(UloopBuilder builder, Use use) throws Exception {
        forget(builder.name("lost"), use);
        collectUntil(() -> !lines().isEmpty());
        assertThat(lines()).hasSize(1);
        assertThat(lines().get(0))
                .startsWith(start("lost") + "; it was opened at io.uloop.ForgottenLoopTest.forget")
                .contains("(ForgottenLoopTest.java:");
    }

    @Test
    void unusedLoop() throws Exception {
        assertClosedAndLogged(Uloop.builder(), on -> {});
    }

    @Test
    void loopWithTimersTasksHooksAndMetrics() throws Exception {
        assertClosedAndLogged(
                Uloop.builder(),
                on -> {
                    on.callEvery(Duration.ofSeconds(1), () -> on.stop());
                    on.beforePoll(() -> on.now());
                    on.runOnce(0);
                    on.execute(() -> on.stop());
                });
    }

    @Test
    void loopWithARegisteredDescriptor() throws Exception {
        int fd = readablePipe();
        assertClosedAndLogged(
                Uloop.builder(),
                on -> {
                    on.add(fd, UEvent.IN, (ready, events) -> on.remove(ready));
                    on.add(pipe().writeEnd(), UEvent.NONE, (ready, events) -> on.remove(ready));
                    on.runOnce(-1);
                });
    }

    @Test
    void loopWithARegisteredChannel() throws Exception {
        Pipe pipe = Pipe.open();
        closing(pipe.sink());
        closing(pipe.source()).configureBlocking(false);
        assertClosedAndLogged(
                Uloop.builder(),
                on -> on.add(pipe.source(), UEvent.IN, (ready, events) -> on.remove(ready)));
    }

    @Test
    void loopWithAWatchdog() throws Exception {
        assertClosedAndLogged(
                Uloop.builder().slowHandlerThreshold(Duration.ofSeconds(1)),
                on -> {
                    on.execute(() -> on.stop());
                    on.runOnce(0);
                });
    }

    @Test
    void loopInJmx() throws Exception {
        assertClosedAndLogged(Uloop.builder().jmx(true), on -> {});
        assertThat(
                        ManagementFactory.getPlatformMBeanServer()
                                .isRegistered(new ObjectName("io.uloop:type=Uloop,name=lost")))
                .isFalse();
    }

    @Test
    void loopWithAConnectionThatHoldsOutput() throws Exception {
        int listener = listener();
        assertClosedAndLogged(
                Uloop.builder(),
                on -> {
                    TcpChannel channel = TcpChannel.connect(on, io.localAddress(listener));
                    runUntil(channel::finishConnect);
                    Connection connection =
                            Connection.open(
                                    channel,
                                    ConnectionOptions.builder().build(),
                                    (from, bytes) -> on.stop());
                    while (on.metrics().bufferedBytes() == 0) {
                        connection.write(ByteBuffer.allocate(1 << 20));
                    }
                });
    }

    @Test
    void closedLoopIsNotLogged() throws Exception {
        forget(Uloop.builder().name("closed").jmx(true), Uloop::close);
        forget(
                Uloop.builder().name("closed twice"),
                on -> {
                    on.close();
                    on.close();
                });
        assertClosedAndLogged(Uloop.builder(), on -> {});
    }

    @Test
    void runningLoopIsKeptByItsThread() throws Exception {
        Thread[] runner = new Thread[1];
        WeakReference<Uloop> running =
                forget(
                        Uloop.builder().name("running"),
                        on -> {
                            runner[0] = new Thread(() -> runs(on));
                            runner[0].start();
                            on.submit(() -> true).join();
                        });
        assertClosedAndLogged(Uloop.builder(), on -> {});
        Uloop kept = running.get();
        assertThat(kept).isNotNull();
        assertThat(kept.isOpen()).isTrue();
        kept.close();
        runner[0].join(TimeUnit.MINUTES.toMillis(1));
        assertThat(runner[0].isAlive()).isFalse();
    }

    private static void runs(Uloop loop) {
        try {
            loop.run();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
