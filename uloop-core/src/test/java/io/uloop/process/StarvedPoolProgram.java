package io.uloop.process;

import io.uloop.LoopTask;
import io.uloop.LoopThread;
import io.uloop.Timer;
import io.uloop.Uloop;
import io.uloop.poller.PollerProvider;
import io.uloop.poller.Pollers;
import io.uloop.source.InputHandler;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ForkJoinPool;

/** Watches children while every thread of the common pool waits for their exits. */
final class StarvedPoolProgram {
    private static final InputHandler IGNORED =
            new InputHandler() {
                @Override
                public void received(ByteBuffer bytes) {}

                @Override
                public void ended() {}

                @Override
                public void failed(IOException reason) {}
            };

    private StarvedPoolProgram() {}

    public static void main(String[] arguments) throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        int threads = ForkJoinPool.commonPool().getParallelism();
        CountDownLatch taken = new CountDownLatch(threads);
        for (int i = 0; i < threads; i++) {
            ForkJoinPool.commonPool()
                    .execute(
                            () -> {
                                taken.countDown();
                                awaitForEver(over);
                            });
        }
        LoopThread.await(taken);
        for (PollerProvider provider : Pollers.providers()) {
            if (provider.unavailability() == null) {
                System.out.println(provider.name() + " " + watch(provider));
            }
        }
        over.countDown();
    }

    private static void awaitForEver(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<String> watch(PollerProvider provider) throws IOException {
        List<String> seen = new ArrayList<>();
        try (Uloop loop = Uloop.builder().poller(provider).build()) {
            Timer deadline = loop.callLater(Duration.ofSeconds(10), loop::stop);
            Process child = new ProcessBuilder("sh", "-c", "sleep 0.2; exit 3").start();
            Runnable one =
                    () -> {
                        if (seen.size() == 4) {
                            deadline.close();
                        }
                    };
            Exits.on(
                    loop,
                    child,
                    (process, status) -> {
                        seen.add("child " + status);
                        one.run();
                    });
            Exits.on(
                    loop,
                    child.toHandle(),
                    () -> {
                        seen.add("handle");
                        one.run();
                    });
            ChildProcess piped =
                    ChildProcess.start(
                            loop,
                            new ProcessBuilder("sh", "-c", "exit 4"),
                            IGNORED,
                            IGNORED,
                            (process, status) -> {
                                seen.add("piped " + status);
                                one.run();
                            });
            ChildProcess spawned = new ChildCommand("true").start(loop, (process, status) -> {});
            if (spawned.process() instanceof SpawnedProcess) {
                LoopTask ended =
                        () -> {
                            seen.add("spawned");
                            one.run();
                        };
                var unused = spawned.process().onExit().thenRun(() -> loop.post(ended));
            } else { // the future of the JDK's processes needs the pool
                seen.add("spawned");
            }
            loop.runUntilIdle();
            piped.close();
        }
        seen.sort(null);
        return seen;
    }
}
