package io.uloop.test;

import io.uloop.Uloop;
import io.uloop.UloopBuilder;
import io.uloop.poller.PollerProvider;
import io.uloop.poller.tck.OpenDescriptors;
import java.io.IOException;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ParameterResolutionException;

/** The loop of one test, opened on first use. Not thread-safe: call from the test's thread. */
final class TestLoop {
    private final SortedMap<Integer, String> before = OpenDescriptors.now();
    private final CallbackFailures failures = new CallbackFailures();
    private PollerProvider backend;
    private @Nullable WatchedBackend watched;
    private @Nullable LoopScene scene;
    private @Nullable FakeClock clock;

    TestLoop(PollerProvider backend) {
        this.backend = backend;
    }

    /** Replaces the backend of a loop that is not open yet. */
    void select(PollerProvider other) {
        backend = other;
    }

    /** Returns the scene, and opens the loop on the first call. */
    LoopScene scene(boolean fakeTime) throws IOException {
        if (scene == null) {
            scene = open(fakeTime);
        }
        return scene;
    }

    private LoopScene open(boolean fakeTime) throws IOException {
        WatchedBackend provider = new WatchedBackend(backend);
        UloopBuilder builder = Uloop.builder().poller(provider).errorHandler(failures);
        if (fakeTime) {
            FakeClock fake = new FakeClock();
            Uloop loop = builder.clock(fake.nanoTime()).wallClock(fake).build();
            fake.moves(loop, provider);
            clock = fake;
        }
        watched = provider;
        return new LoopScene(
                clock == null ? builder.build() : clock.loop(), provider.openings, failures);
    }

    FakeClock clock() {
        if (clock == null) {
            throw new ParameterResolutionException(
                    "the loop of this test already runs on the system's clock; let the test method,"
                            + " or the method that is first to use the loop, declare a parameter"
                            + " of FakeClock");
        }
        return clock;
    }

    /** Closes everything and throws what the test has missed. */
    void end() throws Exception {
        if (scene == null || watched == null) {
            OpenDescriptors.assertNoneSince(before);
            return;
        }
        scene.end();
        failures.check();
        watched.assertAllClosed(before);
    }
}
