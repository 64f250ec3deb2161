package io.uloop.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import io.uloop.Uloop;
import io.uloop.net.TcpChannel;
import io.uloop.net.TcpListener;
import io.uloop.poller.Descriptors;
import io.uloop.poller.Pollers;
import io.uloop.poller.UEvent;
import io.uloop.poller.tck.Backends;
import io.uloop.poller.tck.NoDescriptorLeak;
import io.uloop.poller.tck.OpenDescriptors;
import io.uloop.poller.tck.Scene;
import java.io.Closeable;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.StandardProtocolFamily;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/** Runs test classes with the extension, and checks their outcomes. */
@ExtendWith(NoDescriptorLeak.class)
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class UloopExtensionTest {
    /** What the test classes leave behind, closed after the outer test. */
    private static final List<Closeable> LEFT = new ArrayList<>();

    private static final List<Object> SEEN = new ArrayList<>();

    @BeforeEach
    void forget() {
        SEEN.clear();
    }

    @AfterEach
    void closeWhatWasLeft() throws IOException {
        for (Closeable each : LEFT) {
            each.close();
        }
        LEFT.clear();
    }

    private static TestExecutionSummary run(Class<?> tests) {
        SummaryGeneratingListener listener = new SummaryGeneratingListener();
        LauncherFactory.create()
                .execute(
                        LauncherDiscoveryRequestBuilder.request()
                                .selectors(selectClass(tests))
                                .build(),
                        listener);
        return listener.getSummary();
    }

    private static void assertPasses(Class<?> tests, int count) {
        TestExecutionSummary summary = run(tests);
        assertThat(summary.getFailures()).extracting(each -> each.getException()).isEmpty();
        assertThat(summary.getTestsSucceededCount()).isEqualTo(count);
    }

    private static Throwable failureOf(Class<?> tests) {
        TestExecutionSummary summary = run(tests);
        assertThat(summary.getTestsFoundCount()).isEqualTo(1);
        assertThat(summary.getFailures()).hasSize(1);
        return summary.getFailures().get(0).getException();
    }

    @ExtendWith(UloopExtension.class)
    static final class TwoTests {
        @BeforeEach
        void prepare(Uloop loop) {
            SEEN.add(loop);
        }

        @Test
        void one(Uloop loop, LoopScene scene) {
            assertThat(SEEN).endsWith(loop);
            assertThat(scene.loop()).isSameAs(loop);
            assertThat(loop.provider().name()).isEqualTo(Pollers.provider().name());
        }

        @Test
        void two(LoopScene scene) {
            assertThat(SEEN).endsWith(scene.loop());
        }

        @AfterEach
        void stillOpen(Uloop loop) {
            assertThat(loop.isOpen()).isTrue();
        }
    }

    @Test
    void eachTestHasItsOwnLoopWhichIsClosedAfterwards() {
        assertPasses(TwoTests.class, 2);
        assertThat(SEEN).hasSize(2).doesNotHaveDuplicates();
        assertThat(SEEN).allMatch(loop -> !((Uloop) loop).isOpen());
    }

    static final class OnEachBackend {
        @EachBackend
        void run(Uloop loop, LoopScene scene) throws Exception {
            Descriptors.Pipe pipe = scene.pipe();
            loop.add(pipe.readEnd(), UEvent.IN, (fd, events) -> SEEN.add(loop.provider().name()));
            scene.write(pipe.writeEnd(), "x");
            loop.runOnce(-1);
        }
    }

    @Test
    void testRunsOnEachUsableBackend() {
        List<String> names = Backends.names();
        assertPasses(OnEachBackend.class, names.size());
        assertThat(SEEN).isEqualTo(names);
    }

    static final class Leaking {
        @EachBackend
        void leak(Uloop loop) throws IOException {
            int fd = open(loop);
            LEFT.add(() -> loop.descriptors().close(fd));
        }

        private int open(Uloop loop) throws IOException {
            return loop.descriptors().openDatagram(StandardProtocolFamily.INET);
        }
    }

    @Test
    void leakFailsTheTestWithTheLineThatOpenedIt() {
        TestExecutionSummary summary = run(Leaking.class);
        assertThat(summary.getFailures())
                .hasSameSizeAs(Backends.usable())
                .extracting(each -> each.getException())
                .allSatisfy(
                        leak ->
                                assertThat(leak)
                                        .hasMessageContaining("the test left descriptors open:")
                                        .hasMessageContaining(
                                                "opened at " + Leaking.class.getName() + ".open(")
                                        .hasMessageContaining("UloopExtensionTest.java:"));
    }

    @ExtendWith(UloopExtension.class)
    static final class LeakingChannel {
        @Test
        void leak(Uloop loop) throws IOException {
            LEFT.add(TcpListener.open(loop, Scene.loopback(0)));
        }
    }

    @Test
    void leakOfAChannelNamesTheLineOfTheTest() {
        assertThat(failureOf(LeakingChannel.class))
                .hasMessageContaining("opened at " + LeakingChannel.class.getName() + ".leak(");
    }

    @ExtendWith(UloopExtension.class)
    static final class LeakingPipe {
        @Test
        void leak(Uloop loop) throws IOException {
            Descriptors.Pipe ends = loop.descriptors().pipe();
            loop.descriptors().close(ends.readEnd());
            LEFT.add(() -> loop.descriptors().close(ends.writeEnd()));
        }
    }

    @Test
    void leakOfOneEndOfAPipeNamesThatEnd() {
        Throwable leak = failureOf(LeakingPipe.class);
        assertThat(leak.getMessage().lines().skip(1)).hasSize(1);
        assertThat(leak.getSuppressed()).hasSize(1);
    }

    @ExtendWith(UloopExtension.class)
    static final class LeakingTwoKinds {
        @Test
        void leak(Uloop loop) throws IOException {
            LEFT.add(new ServerSocket(0));
            LEFT.add(TcpListener.open(loop, Scene.loopback(0)));
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void leakOfAnotherSocketIsListedToo() {
        assertThat(failureOf(LeakingTwoKinds.class))
                .hasMessageContaining("opened at " + LeakingTwoKinds.class.getName() + ".leak(")
                .hasMessageContaining("others, which were not opened through Uloop.descriptors: {")
                .hasMessageContaining("=socket:[");
    }

    @ExtendWith(UloopExtension.class)
    static final class Tidy {
        @Test
        void closesAllThatTheSceneOpened(Uloop loop, LoopScene scene) throws Exception {
            scene.pipe();
            scene.unixPair();
            Scene.Tcp tcp = scene.tcp();
            loop.descriptors().close(tcp.fd()); // by a handler that owns it
            scene.closing(TcpListener.open(loop, Scene.loopback(0)));
            var unused = scene.inBackground(() -> tcp.peer().getInputStream().read());
        }
    }

    @Test
    void descriptorsOfTheSceneAreClosed() {
        assertPasses(Tidy.class, 1);
    }

    @ExtendWith(UloopExtension.class)
    static final class FailingTask {
        @Test
        void fail(Uloop loop) throws IOException {
            loop.callSoon(
                    () -> {
                        throw new IllegalStateException("first");
                    });
            loop.callSoon(
                    () -> {
                        throw new IllegalStateException("second");
                    });
            loop.runOnce(0);
        }
    }

    @Test
    void exceptionsOfCallbacksFailTheTest() {
        Throwable failure = failureOf(FailingTask.class);
        assertThat(failure)
                .hasMessageStartingWith("task ")
                .hasMessageEndingWith(" threw java.lang.IllegalStateException: first")
                .hasCauseInstanceOf(IllegalStateException.class);
        assertThat(failure.getCause()).hasMessage("first");
        assertThat(Stream.of(failure.getSuppressed()))
                .extracting(Throwable::getMessage)
                .containsExactly("second");
    }

    @ExtendWith(UloopExtension.class)
    static final class FailingHandler {
        @Test
        void fail(Uloop loop, LoopScene scene) throws Exception {
            Descriptors.Pipe pipe = scene.pipe();
            scene.write(pipe.writeEnd(), "x");
            loop.add(
                    pipe.readEnd(),
                    UEvent.IN,
                    (fd, events) -> {
                        throw new IOException("of the handler");
                    });
            scene.runUntil("never", () -> false);
        }
    }

    @Test
    void exceptionOfAHandlerEndsTheWait() {
        assertThat(failureOf(FailingHandler.class))
                .hasMessageStartingWith("handler ")
                .hasMessageContaining(" with IN threw java.io.IOException: of the handler");
    }

    @ExtendWith(UloopExtension.class)
    static final class ExpectedFailure {
        @Test
        void fail(Uloop loop, LoopScene scene) throws IOException {
            loop.callSoon(
                    () -> {
                        throw new IllegalStateException("expected");
                    });
            loop.runOnce(0);
            assertThat(scene.takeFailures()).singleElement().asString().contains("expected");
            assertThat(scene.takeFailures()).isEmpty();
        }
    }

    @Test
    void expectedExceptionsDoNotFailTheTest() {
        assertPasses(ExpectedFailure.class, 1);
    }

    @ExtendWith(UloopExtension.class)
    static final class LateClock {
        @BeforeEach
        void open(Uloop loop) {
            SEEN.add(loop);
        }

        @Test
        void run() {}

        @AfterEach
        void ask(FakeClock clock) {
            SEEN.add(clock);
        }
    }

    @Test
    void clockForALoopOnTheSystemClockIsRefused() {
        assertThat(failureOf(LateClock.class))
                .hasMessageContaining("already runs on the system's clock");
        assertThat(SEEN).hasSize(1);
    }

    @ExtendWith(UloopExtension.class)
    static final class WithoutLoop {
        @Test
        void run() {
            SEEN.add(OpenDescriptors.now());
        }
    }

    @Test
    void testWithoutParametersOpensNoLoop() {
        Object before = OpenDescriptors.now();
        assertPasses(WithoutLoop.class, 1);
        assertThat(SEEN).containsExactly(before);
    }

    @ExtendWith(UloopExtension.class)
    static final class OfChannels {
        @Test
        void connect(Uloop loop, LoopScene scene) throws Exception {
            TcpListener listener = scene.closing(TcpListener.open(loop, Scene.loopback(0)));
            List<TcpChannel> accepted = new ArrayList<>();
            listener.register(channel -> accepted.add(scene.closing(channel)));
            scene.closing(TcpChannel.connect(loop, listener.getLocalAddress()));
            scene.runUntil("a connection is accepted", () -> !accepted.isEmpty());
        }

        @Test
        void timersOfTheSystemClockRun(Uloop loop) throws IOException {
            loop.callLater(Duration.ofMillis(1), loop::stop);
            loop.run();
        }
    }

    @Test
    void channelsAndTimersWorkAsUsual() {
        assertPasses(OfChannels.class, 2);
    }
}
