package io.uloop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tests what a loop calls when it is closed. */
class LoopCloseTest extends EachBackend {
    private final List<String> calls = Collections.synchronizedList(new ArrayList<>());

    @Test
    void closeCallsTheTasksInOrderOnceAndNotTheRemovedOnes() {
        LoopTask twice = () -> calls.add("twice");
        LoopClose.on(loop, twice);
        Handle removed = LoopClose.on(loop, twice);
        LoopClose.on(loop, twice);
        LoopClose.on(loop, () -> calls.add("last"));
        removed.close();
        removed.close();
        loop.close();
        loop.close();
        removed.close();
        assertThat(calls).containsExactly("twice", "twice", "last");
    }

    @Test
    void closeByACallbackCallsAfterTheLastTurnOnTheLoopsThread() throws IOException {
        Thread[] caller = new Thread[1];
        LoopClose.on(
                loop,
                () -> {
                    caller[0] = Thread.currentThread();
                    calls.add("closed");
                });
        loop.afterPoll(() -> calls.add("hook"));
        loop.callSoon(loop::close);
        loop.run();
        assertThat(calls).containsExactly("hook", "closed");
        assertThat(caller[0]).isSameAs(Thread.currentThread());
    }

    @Test
    void closeByAnotherThreadCallsOnTheThreadThatRanTheLoop() throws Exception {
        Thread[] caller = new Thread[1];
        LoopClose.on(loop, () -> caller[0] = Thread.currentThread());
        try (LoopThread thread = new LoopThread(loop)) {
            Thread runner = loop.submit(Thread::currentThread).get();
            loop.close();
            thread.join();
            assertThat(caller[0]).isSameAs(runner);
        }
    }

    @Test
    void failureIsReportedAndTheOthersAreCalled() {
        LoopClose.on(
                loop,
                () -> {
                    throw new IOException("expected");
                });
        LoopClose.on(loop, () -> calls.add("next"));
        loop.close();
        assertThat(calls).containsExactly("next");
        assertThat(failures).singleElement().isInstanceOf(IOException.class);
        failures.clear();
    }

    @Test
    void closedLoopIsRejected() {
        loop.close();
        assertThatThrownBy(() -> LoopClose.on(loop, () -> calls.add("late")))
                .isInstanceOf(ClosedLoopException.class);
    }
}
