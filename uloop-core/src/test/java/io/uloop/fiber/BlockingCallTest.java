package io.uloop.fiber;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.uloop.poller.tck.Waiting;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionService;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.BeforeAll;

/** Tests that blocking calls of the JDK work in fibers, and that the loop goes on meanwhile. */
class BlockingCallTest extends EachFiber {
    private int ticks;

    /** Lets the JDK open the pollers of its virtual threads, which it keeps. */
    @BeforeAll
    static void openPollersOfTheJdk() throws Exception {
        if (EachMode.Modes.isSupported(FiberMode.JDK)) {
            Thread thread = VirtualThreadFactory.newThread("warm-up", () -> value(() -> connect()));
            thread.start();
            thread.join();
        }
    }

    private static int connect() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Socket client = new Socket(server.getInetAddress(), server.getLocalPort());
                Socket accepted = server.accept()) {
            client.setSoTimeout(1);
            try {
                return client.getInputStream().read();
            } catch (SocketTimeoutException e) {
                return accepted.getPort();
            }
        }
    }

    /** Runs code in a fiber, in which the loop's timers must go on. */
    private void runBlocking(FiberTask code) throws Exception {
        loop.callEvery(Duration.ofMillis(1), () -> ticks++);
        run(
                () -> {
                    code.run();
                    int before = ticks;
                    while (ticks == before) {
                        Thread.sleep(1); // blocks the fiber, which is what is tested
                    }
                });
    }

    @EachMode
    void sleepTakesItsTime() throws Exception {
        runBlocking(
                () -> {
                    long start = System.nanoTime();
                    Thread.sleep(20);
                    assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(20_000_000);
                });
    }

    @EachMode
    void queuesPassElementsBetweenFibersAndThreads() throws Exception {
        runBlocking(
                () -> {
                    ArrayBlockingQueue<Integer> narrow = new ArrayBlockingQueue<>(1);
                    LinkedBlockingQueue<Integer> back = new LinkedBlockingQueue<>();
                    fibers.start(
                            "producer",
                            () -> {
                                for (int i = 0; i < 100; i++) {
                                    narrow.put(i);
                                }
                            });
                    var thread =
                            inBackground(
                                    () -> {
                                        for (int i = 0; i < 100; i++) {
                                            back.put(narrow.take());
                                        }
                                        return true;
                                    });
                    for (int i = 0; i < 100; i++) {
                        assertThat(back.take()).isEqualTo(i);
                    }
                    assertThat(thread.get()).isTrue();
                });
    }

    @EachMode
    void locksExcludeFibersThatWaitInside() throws Exception {
        ReentrantLock lock = new ReentrantLock();
        var condition = lock.newCondition();
        int[] inside = new int[2];
        runBlocking(
                () -> {
                    List<Fiber<?>> all = new ArrayList<>();
                    for (int i = 0; i < 5; i++) {
                        all.add(
                                fibers.start(
                                        "locker",
                                        () -> {
                                            for (int turn = 0; turn < 5; turn++) {
                                                lock.lock();
                                                try {
                                                    assertThat(++inside[0]).isEqualTo(1);
                                                    fibers.sleep(Duration.ofNanos(100_000));
                                                    inside[0]--;
                                                    inside[1]++;
                                                    condition.signalAll();
                                                } finally {
                                                    lock.unlock();
                                                }
                                            }
                                        }));
                    }
                    lock.lock();
                    try {
                        while (inside[1] < 25) {
                            condition.await();
                        }
                    } finally {
                        lock.unlock();
                    }
                    for (Fiber<?> each : all) {
                        each.join();
                    }
                });
    }

    /** Before JDK 24 a fiber that waits inside synchronized keeps its thread. */
    @EachMode
    void monitorsExcludeFibersThatWaitInside() throws Exception {
        assumeTrue(mode == FiberMode.PLATFORM || Runtime.version().feature() >= 24);
        Object monitor = new Object();
        int[] inside = new int[2];
        runBlocking(
                () -> {
                    List<Fiber<?>> all = new ArrayList<>();
                    for (int i = 0; i < 5; i++) {
                        all.add(
                                fibers.start(
                                        "owner",
                                        () -> {
                                            for (int turn = 0; turn < 5; turn++) {
                                                synchronized (monitor) {
                                                    assertThat(++inside[0]).isEqualTo(1);
                                                    fibers.sleep(Duration.ofNanos(100_000));
                                                    inside[0]--;
                                                    inside[1]++;
                                                    monitor.notifyAll();
                                                }
                                            }
                                        }));
                    }
                    synchronized (monitor) {
                        while (inside[1] < 25) {
                            monitor.wait();
                        }
                    }
                    for (Fiber<?> each : all) {
                        each.join();
                    }
                });
    }

    @EachMode
    void socketsOfTheJdkWork() throws Exception {
        runBlocking(
                () -> {
                    try (ServerSocket server =
                                    new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                            Socket client = new Socket()) {
                        Fiber<Integer> serving =
                                fibers.start(
                                        "server",
                                        () -> {
                                            try (Socket socket = server.accept()) {
                                                int value = socket.getInputStream().read();
                                                while (value < 60) {
                                                    socket.getOutputStream().write(value + 1);
                                                    value = socket.getInputStream().read();
                                                }
                                                return value;
                                            }
                                        });
                        client.connect(server.getLocalSocketAddress());
                        for (int i = 40; i < 60; i += 2) { // both sides have to wait
                            client.getOutputStream().write(i);
                            assertThat(client.getInputStream().read()).isEqualTo(i + 1);
                        }
                        client.getOutputStream().write(60);
                        assertThat(serving.join()).isEqualTo(60);
                    }
                });
    }

    @EachMode
    void futuresOfTheLoopAreAwaited() throws Exception {
        runBlocking(
                () -> {
                    Fiber<?> waiting = fibers.current();
                    CompletableFuture<Integer> future =
                            loop.callIn(
                                    ForkJoinPool.commonPool(),
                                    () -> {
                                        Waiting.until(
                                                () -> waiting.info().state() == FiberState.BLOCKED);
                                        return 42;
                                    });
                    assertThat(future.get()).isEqualTo(42);
                    assertThat(loop.submit(() -> 7).thenApply(each -> each + 1).join())
                            .isEqualTo(8);
                });
    }

    @EachMode
    void executorRunsTasksInFibers() throws Exception {
        run(
                () -> {
                    List<CompletableFuture<String>> all = new ArrayList<>();
                    for (int i = 0; i < 3; i++) {
                        all.add(
                                CompletableFuture.supplyAsync(
                                        () -> value(this::nameAfterASleep), fibers.executor()));
                    }
                    for (CompletableFuture<String> each : all) {
                        assertThat(each.get()).startsWith("fiber-");
                    }
                });
        assertThat(fibers.metrics().finished()).isEqualTo(4);
    }

    @EachMode
    void completionServiceTakesTheFirstFiberThatEnds() throws Exception {
        run(
                () -> {
                    CompletionService<String> service =
                            new ExecutorCompletionService<>(fibers.executor());
                    CountDownLatch mayEnd = new CountDownLatch(1);
                    service.submit(
                            () -> {
                                mayEnd.await();
                                return "last";
                            });
                    service.submit(() -> "first");
                    assertThat(service.take().get()).isEqualTo("first");
                    mayEnd.countDown();
                    assertThat(service.take().get()).isEqualTo("last");
                });
        assertThat(fibers.metrics().finished()).isEqualTo(3);
    }

    private String nameAfterASleep() throws InterruptedException {
        fibers.sleep(Duration.ofMillis(1));
        Fiber<?> current = fibers.current();
        assertThat(current.thread()).isSameAs(Thread.currentThread());
        return current.name();
    }

    @EachMode
    void threadFactoryServesExecutors() throws Exception {
        assertThat(fibers.current()).isNull();
        ThreadFactory factory = fibers.threadFactory();
        ExecutorService executor = Executors.newFixedThreadPool(2, factory);
        run(
                () -> {
                    List<Callable<String>> tasks =
                            List.of(this::nameAfterASleep, this::nameAfterASleep);
                    for (var each : executor.invokeAll(tasks)) {
                        assertThat(each.get()).startsWith("fiber-");
                    }
                    executor.shutdown();
                });
        assertThat(fibers.metrics().live()).isZero();
    }

    @EachMode
    void unstartedThreadOfTheFactoryIsNoFiberYet() throws Exception {
        AtomicInteger runs = new AtomicInteger();
        Thread thread = fibers.threadFactory().newThread(runs::incrementAndGet);
        assertThat(fibers.list()).isEmpty();
        run(
                () -> {
                    thread.start();
                    thread.join();
                });
        assertThat(runs).hasValue(1);
        assertThat(fibers.metrics().started()).isEqualTo(2);
    }

    /** Calls a preview API, whose tests would not compile on the oldest JDK. */
    @EachMode({FiberMode.LOOP, FiberMode.JDK})
    void structuredScopesForkFibers() throws Exception {
        assumeTrue(Runtime.version().feature() >= 21);
        StructuredScope scope = StructuredScope.ifUsable();
        assumeTrue(scope != null, "needs --enable-preview");
        run(
                () ->
                        assertThat(
                                        scope.callBoth(
                                                fibers.threadFactory(),
                                                this::nameAfterASleep,
                                                this::nameAfterASleep))
                                .allMatch(each -> each.startsWith("fiber-")));
    }

    @EachMode
    void threadLocalsBelongToTheFiber() throws Exception {
        ThreadLocal<String> local = ThreadLocal.withInitial(() -> "none");
        local.set("of the test");
        run(
                () -> {
                    assertThat(local.get()).isEqualTo("none");
                    local.set("of the first");
                    Fiber<String> other =
                            fibers.start(
                                    "other",
                                    () -> {
                                        String before = local.get();
                                        local.set("of the second");
                                        fibers.sleep(Duration.ofMillis(2));
                                        return before + ", " + local.get();
                                    });
                    fibers.sleep(Duration.ofMillis(1));
                    assertThat(other.join()).isEqualTo("none, of the second");
                    assertThat(local.get()).isEqualTo("of the first");
                });
        assertThat(local.get()).isEqualTo("of the test");
        local.remove();
    }

    @EachMode
    void latchOpensForFibersAndThreads() throws Exception {
        CountDownLatch latch = new CountDownLatch(2);
        Fiber<?> waiting = fibers.start("waiting", () -> latch.await());
        fibers.start("first", latch::countDown);
        loop.callLater(Duration.ofMillis(2), latch::countDown);
        runFibers();
        assertThat(waiting.isDone()).isTrue();
    }
}
