package io.uloop.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.uloop.CapturedLog;
import io.uloop.EachBackend;
import io.uloop.Handle;
import io.uloop.LoopThread;
import io.uloop.RefHandle;
import io.uloop.Uloop;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests that signals are handled on the loop's thread. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "Windows cannot send signals")
class SignalsTest extends EachBackend {
    private final JvmSignals signals = JvmSignals.required();
    private final Object usr1 = signals.signal("USR1");

    /** Counts signals that no loop handles. */
    private final AtomicInteger unhandled = new AtomicInteger();

    private final Object counter = signals.handler(unhandled::incrementAndGet);
    private Object former;

    @BeforeEach
    void countWhatNoLoopHandles() {
        former = signals.handle(usr1, counter);
    }

    @AfterEach
    void restore() {
        signals.handle(usr1, former);
    }

    @Test
    void signalCallsItsHandlerOnTheLoopsThread() throws Exception {
        List<String> seen = new ArrayList<>();
        Signals.on(loop, "USR1", name -> seen.add(name + " in the loop: " + loop.inLoop()));
        raise("USR1");
        runUntil(() -> !seen.isEmpty());
        assertThat(seen).containsExactly("USR1 in the loop: true");
        assertThat(unhandled).hasValue(0);
    }

    @Test
    void signalEndsTheWaitOfALoop() throws Exception {
        Signals.on(loop, "USR1", name -> loop.stop());
        raise("USR1");
        runToStop();
    }

    @Test
    void handlerKeepsARunWaitingOnlyAfterRef() throws Exception {
        List<String> seen = new ArrayList<>();
        RefHandle[] handle = new RefHandle[1];
        handle[0] =
                Signals.on(
                        loop,
                        "USR1",
                        name -> {
                            seen.add(name);
                            handle[0].unref();
                        });
        assertThat(handle[0].hasRef()).isFalse();
        loop.runUntilIdle();
        handle[0].ref().ref();
        assertThat(handle[0].hasRef()).isTrue();
        loop.callLater(Duration.ofMillis(1), () -> raise("USR1"));
        loop.runUntilIdle();
        assertThat(seen).containsExactly("USR1");
        handle[0].ref().close();
        loop.runUntilIdle();
        handle[0].unref().ref();
        loop.runUntilIdle();
        Signals.on(loop, "USR1", name -> {}).ref();
        onAnotherThreadWhileTheLoopRuns(() -> handle[0].unref());
    }

    @Test
    void nameMayBeginWithSig() throws Exception {
        List<String> seen = new ArrayList<>();
        Signals.on(loop, "SIGWINCH", seen::add);
        Signals.on(loop, "WINCH", seen::add);
        raise("WINCH");
        runUntil(() -> seen.size() == 2);
        assertThat(seen).containsExactly("WINCH", "WINCH");
    }

    @Test
    void handlersOfSeveralLoopsShareASignal() throws Exception {
        List<Integer> seen = new ArrayList<>();
        Uloop other = build(provider);
        Signals.on(loop, "USR1", name -> seen.add(1));
        Signals.on(loop, "USR1", name -> seen.add(2));
        Signals.on(
                other,
                "USR1",
                name -> {
                    seen.add(3);
                    other.stop();
                });
        raise("USR1");
        runUntil(() -> seen.size() == 2);
        assertThat(seen).containsExactly(1, 2);
        other.run();
        assertThat(seen).containsExactly(1, 2, 3);
    }

    @Test
    void differentSignalsHaveDifferentHandlers() throws Exception {
        List<String> seen = new ArrayList<>();
        Signals.on(loop, "WINCH", seen::add);
        Signals.on(loop, "USR1", seen::add);
        raise("USR1");
        runUntil(() -> !seen.isEmpty());
        raise("WINCH");
        runUntil(() -> seen.size() == 2);
        assertThat(seen).containsExactly("USR1", "WINCH");
    }

    @Test
    void signalsBeforeTheCallShareIt() throws Exception {
        List<String> seen = new ArrayList<>();
        SignalCalls registration = (SignalCalls) Signals.on(loop, "USR1", seen::add);
        for (int i = 0; i < 3; i++) {
            registration.raised();
        }
        loop.runOnce(0);
        loop.runOnce(0);
        assertThat(seen).containsExactly("USR1");
    }

    @Test
    void signalDuringTheCallCausesAnotherCall() throws Exception {
        List<String> seen = new ArrayList<>();
        Signals.on(
                loop,
                "USR1",
                name -> {
                    seen.add(name);
                    if (seen.size() == 1) {
                        raise("USR1");
                    }
                });
        raise("USR1");
        runUntil(() -> seen.size() == 2);
    }

    @Test
    void closedHandlerIsNotCalledForQueuedSignals() throws Exception {
        List<String> seen = new ArrayList<>();
        SignalCalls registration = (SignalCalls) Signals.on(loop, "USR1", seen::add);
        registration.raised();
        registration.close();
        registration.close();
        loop.runOnce(0);
        assertThat(seen).isEmpty();
    }

    @Test
    void closingOneHandlerKeepsTheOthers() throws Exception {
        List<Integer> seen = new ArrayList<>();
        Handle first = Signals.on(loop, "USR1", name -> seen.add(1));
        Signals.on(loop, "USR1", name -> seen.add(2));
        first.close();
        raise("USR1");
        runUntil(() -> !seen.isEmpty());
        assertThat(seen).containsExactly(2);
        assertThat(unhandled).hasValue(0);
    }

    @Test
    void closingTheLastHandlerRestoresTheReaction() throws Exception {
        Handle first = Signals.on(loop, "USR1", name -> {});
        Handle second = Signals.on(loop, "SIGUSR1", name -> {});
        first.close();
        second.close();
        raise("USR1");
        runUntil(() -> unhandled.get() == 1);
    }

    @Test
    void closingTheLoopRestoresTheReaction() throws Exception {
        Uloop other = build(provider);
        Signals.on(other, "USR1", name -> {});
        Signals.on(other, "USR1", name -> {});
        other.close();
        raise("USR1");
        runUntil(() -> unhandled.get() == 1);
    }

    @Test
    void handlerInstalledSinceByOthersIsKept() {
        Handle registration = Signals.on(loop, "USR1", name -> {});
        Object theirs = signals.handler(() -> {});
        signals.handle(usr1, theirs);
        registration.close();
        assertThat(signals.handle(usr1, counter)).isSameAs(theirs);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "KILL", "STOP", "SEGV", "SIGSEGV", "BUS", "FPE", "ILL", "QUIT", "SIGQUIT", "USR2",
                "PIPE", "NOSUCH", "SIG", "", "term", "15"
            })
    void unknownAndReservedSignalsAreRejectedWithAListOfTheOthers(String name) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Signals.on(loop, name, ignored -> {}))
                .withMessageStartingWith("cannot handle signal " + name + ": ")
                .withMessageContaining("available signals are HUP, INT, TERM, USR1, WINCH");
    }

    @Test
    void throwingHandlerIsReportedAndStaysRegistered() throws Exception {
        try (CapturedLog log = new CapturedLog("io.uloop")) {
            IOException failure = new IOException("of the test");
            List<String> seen = new ArrayList<>();
            Signals.on(
                    loop,
                    "USR1",
                    name -> {
                        seen.add(name);
                        throw failure;
                    });
            raise("USR1");
            runUntil(() -> seen.size() == 1);
            raise("USR1");
            runUntil(() -> seen.size() == 2);
            assertThat(failures).containsExactly(failure, failure);
            assertThat(log.messages().get(0)).contains("signal handler", "on SIGUSR1");
            failures.clear();
        }
    }

    @Test
    void anyThreadMayAddAndCloseHandlers() throws Exception {
        List<String> seen = new ArrayList<>();
        try (LoopThread thread = new LoopThread(loop)) {
            Handle registration =
                    Signals.on(
                            loop,
                            "USR1",
                            name -> {
                                seen.add(name);
                                loop.stop();
                            });
            raise("USR1");
            thread.join();
            registration.close();
        }
        assertThat(seen).containsExactly("USR1");
    }

    @Test
    void loopWithSignalHandlersCanBeIdle() throws Exception {
        List<String> seen = new ArrayList<>();
        Signals.on(loop, "USR1", seen::add);
        loop.callLater(Duration.ofMillis(1), () -> seen.add("timer"));
        loop.runUntilIdle();
        assertThat(seen).containsExactly("timer");
    }

    @Test
    void closedLoopRejectsHandlers() {
        loop.close();
        assertThatIllegalStateException()
                .isThrownBy(() -> Signals.on(loop, "USR1", name -> {}))
                .withMessageContaining("is closed");
    }

    /** Sends this process a signal from another process. */
    private static void raise(String name) throws IOException, InterruptedException {
        String command = "kill -" + name + " " + ProcessHandle.current().pid();
        assertThat(new ProcessBuilder("sh", "-c", command).start().waitFor()).isZero();
    }
}
