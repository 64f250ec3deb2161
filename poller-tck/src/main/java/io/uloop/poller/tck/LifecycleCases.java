package io.uloop.poller.tck;

import static io.uloop.poller.UEvent.IN;
import static io.uloop.poller.UEvent.NONE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.uloop.poller.ClosedPollerException;
import io.uloop.poller.Descriptors;
import io.uloop.poller.Errno;
import io.uloop.poller.Poller;
import io.uloop.poller.PollerProvider;
import java.util.Objects;
import java.util.Queue;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.junit.jupiter.api.function.Executable;
import org.opentest4j.TestAbortedException;

/** Cases of threads, interrupts and close. */
abstract class LifecycleCases extends ContractCases {
    LifecycleCases(Supplier<PollerProvider> backend) {
        super(backend);
    }

    @Case(74)
    void registrationsPostedWithAWakeupTakeEffect() throws Exception {
        Queue<Integer> posted = new ConcurrentLinkedQueue<>();
        int[] ready = new int[10];
        for (int i = 0; i < ready.length; i++) {
            Descriptors.Pipe pipe = pipe();
            write(pipe.writeEnd(), 1);
            ready[i] = pipe.readEnd();
        }
        Queue<Integer> reported = new ConcurrentLinkedQueue<>();
        FutureTask<Boolean> loop =
                inBackground(
                        () -> {
                            while (reported.size() < ready.length) {
                                for (Integer fd; (fd = posted.poll()) != null; ) {
                                    poller.add(fd, IN);
                                }
                                seen.poll(poller, -1);
                                for (int fd : seen.fds()) {
                                    poller.remove(fd);
                                    reported.add(fd);
                                }
                            }
                            return true;
                        });
        for (int i = 0; i < ready.length; i++) {
            int wanted = i + 1;
            posted.add(ready[i]);
            poller.wakeup();
            until("the posted descriptor is reported", () -> reported.size() == wanted);
        }
        assertTrue(result(loop));
    }

    @Case(75)
    void aSecondThreadIsRefusedDuringAPoll() throws Exception {
        Descriptors.Pipe pipe = pipe();
        int other = pipe().readEnd();
        poller.add(pipe.readEnd(), IN);
        FutureTask<Integer> polling = inBackground(() -> seen.poll(poller, -1));
        untilPolled(poller);
        assertRefused(() -> poller.poll(0, (fd, events) -> {}));
        assertRefused(() -> poller.add(other, IN));
        assertRefused(() -> poller.modify(pipe.readEnd(), NONE));
        assertRefused(() -> poller.remove(pipe.readEnd()));
        assertFalse(polling.isDone(), "refused calls must not end the poll");
        write(pipe.writeEnd(), 1);
        assertEquals(1, result(polling));
        assertEquals(IN, seen.events(pipe.readEnd()));
        assertUnknown(other);
    }

    private static void assertRefused(Executable call) {
        IllegalStateException refusal = assertThrows(IllegalStateException.class, call);
        assertFalse(refusal instanceof ClosedPollerException, "the poller is open");
    }

    @Case(76)
    void anInterruptedThreadDoesNotSpinAndStaysInterrupted() throws Exception {
        Descriptors.Pipe pipe = pipe();
        Descriptors.Pipe ready = pipe();
        write(ready.writeEnd(), 1);
        poller.add(pipe.readEnd(), IN);
        for (int round = 0; round < 2; round++) {
            Thread.currentThread().interrupt();
            try {
                long start = System.nanoTime();
                assertEquals(0, poll(DEADLINE_NANOS), "an interrupt acts as a wakeup");
                assertTrue(
                        System.nanoTime() - start < DEADLINE_NANOS,
                        "an interrupt acts as a wakeup");
                assertTrue(Thread.currentThread().isInterrupted());
                for (int i = 0; i < 5; i++) {
                    assertSilent();
                }
                poller.add(ready.readEnd(), IN);
                assertEquals(1, poll(DEADLINE_NANOS), "events are still delivered");
                poller.remove(ready.readEnd());
                assertTrue(Thread.currentThread().isInterrupted());
            } finally {
                Thread.interrupted();
            }
            assertSilent();
        }
        write(pipe.writeEnd(), 1);
        awaitOnly(pipe.readEnd(), IN, NONE);
    }

    @Case(77)
    void closeWakesThePollAndIsIdempotent() throws Exception {
        Descriptors.Pipe pipe = pipe();
        poller.add(pipe.readEnd(), IN);
        FutureTask<Integer> polling = inBackground(() -> seen.poll(poller, -1));
        untilPolled(poller);
        assertTrue(poller.isOpen());
        poller.close();
        assertFalse(poller.isOpen());
        assertEquals(0, result(polling));
        poller.close();
        assertFalse(poller.isOpen());

        write(pipe.writeEnd(), 1);
        Poller next = anotherPoller();
        next.add(pipe.readEnd(), IN);
        assertEquals(IN, await(next, pipe.readEnd(), IN));
        assertEquals(1, drain(pipe.readEnd()));
    }

    @Case(78)
    void useAfterCloseIsRefused() throws Exception {
        Descriptors.Pipe pipe = pipe();
        int other = pipe().readEnd();
        poller.add(pipe.readEnd(), IN);
        poller.close();
        assertThrows(ClosedPollerException.class, () -> poller.add(other, IN));
        assertThrows(ClosedPollerException.class, () -> poller.modify(pipe.readEnd(), NONE));
        assertThrows(ClosedPollerException.class, () -> poller.remove(pipe.readEnd()));
        assertThrows(ClosedPollerException.class, () -> poll(0));
        assertThrows(ClosedPollerException.class, () -> poll(-1));
        poller.wakeup();
        assertFalse(poller.isOpen());
    }

    @Case(79)
    void aThousandPollersLeakNoDescriptor() throws Exception {
        if (!OpenDescriptors.areListed()) {
            throw new TestAbortedException("this system has no /proc/self/fd");
        }
        Descriptors.Pipe pipe = pipe();
        write(pipe.writeEnd(), 1);
        SortedMap<Integer, String> before = OpenDescriptors.now();
        for (int i = 0; i < 1000; i++) {
            try (Poller brief = provider.open()) {
                brief.add(pipe.readEnd(), IN);
                if (i % 2 == 0) {
                    assertEquals(1, seen.poll(brief, 0));
                    brief.wakeup();
                }
            }
        }
        OpenDescriptors.assertNoneSince(before);
    }

    @Case(80)
    void aChildProcessInheritsNoneOfItsDescriptors() throws Exception {
        SortedMap<Integer, String> own = owner().descriptors();
        for (int fd : own.keySet()) {
            assertTrue(
                    OpenDescriptors.isClosedOnExec(fd),
                    () -> "fd " + fd + ", " + own.get(fd) + ", survives exec");
        }
    }

    @Case(89)
    void closeInsideASinkEndsTheBatch() throws Exception {
        for (int i = 0; i < 3; i++) {
            Descriptors.Pipe pipe = pipe();
            write(pipe.writeEnd(), 1);
            poller.add(pipe.readEnd(), IN);
        }
        int delivered =
                pollWith(
                        (fd, events) -> {
                            poller.close();
                            assertThrows(ClosedPollerException.class, () -> poller.remove(fd));
                        });
        assertEquals(1, delivered);
        assertThrows(ClosedPollerException.class, () -> poll(0));
    }

    @Case(90)
    void anInterruptEndsAWaitInProgress() throws Exception {
        AtomicReference<Thread> thread = new AtomicReference<>();
        FutureTask<Boolean> polling =
                inBackground(
                        () -> {
                            thread.set(Thread.currentThread());
                            assertEquals(0, seen.poll(poller, -1));
                            assertTrue(Thread.currentThread().isInterrupted());
                            assertSilent();
                            return Thread.interrupted();
                        });
        untilPolled(poller);
        letPass(SILENCE_NANOS);
        Objects.requireNonNull(thread.get()).interrupt();
        assertTrue(result(polling));
    }

    @Case(91)
    void anotherThreadMayTakeOver() throws Exception {
        Descriptors.Pipe pipe = pipe();
        poller.add(pipe.readEnd(), IN);
        assertSilent();
        write(pipe.writeEnd(), 1);
        assertEquals(1, result(inBackground(() -> seen.poll(poller, DEADLINE_NANOS))));
        assertEquals(1, poll(DEADLINE_NANOS));
        assertEquals(IN, seen.events(pipe.readEnd()));
        assertTrue(
                result(
                        inBackground(
                                () -> {
                                    poller.remove(pipe.readEnd());
                                    return true;
                                })));
        assertSilent();
    }

    @Case(100)
    void concurrentRegistrationsTakeEffectOrAreRefused() throws Exception {
        Descriptors.Pipe[] pipes = new Descriptors.Pipe[100];
        for (int i = 0; i < pipes.length; i++) {
            pipes[i] = pipe();
            write(pipes[i].writeEnd(), 1);
        }
        for (int round = 0; round < 20; round++) {
            Poller shared = anotherPoller();
            boolean[] registered = new boolean[pipes.length];
            CyclicBarrier start = new CyclicBarrier(3);
            FutureTask<Boolean> one =
                    inBackground(() -> register(shared, pipes, registered, 0, start));
            FutureTask<Boolean> other =
                    inBackground(() -> register(shared, pipes, registered, 1, start));
            boolean closes = round % 4 == 3;
            start.await(DEADLINE_NANOS, TimeUnit.NANOSECONDS);
            if (closes) {
                shared.close();
            } else {
                shared.poll(0, (fd, events) -> {});
            }
            assertTrue(result(one) && result(other));
            if (!closes) {
                assertDelivers(shared, pipes, registered);
            }
            shared.close();
        }
    }

    /** Adds, modifies and removes every second pipe, and records which stay registered. */
    private static boolean register(
            Poller shared,
            Descriptors.Pipe[] pipes,
            boolean[] registered,
            int first,
            CyclicBarrier start)
            throws Exception {
        start.await(DEADLINE_NANOS, TimeUnit.NANOSECONDS);
        for (int i = first; i < pipes.length; i += 2) {
            int fd = pipes[i].readEnd();
            try {
                shared.add(fd, NONE);
                registered[i] = true;
                shared.modify(fd, IN);
                if (i % 5 == 0) {
                    shared.remove(fd);
                    registered[i] = false;
                }
            } catch (IllegalStateException refused) {
                // Another thread is in a call, or the poller is closed. Nothing has changed.
            }
        }
        return true;
    }

    private void assertDelivers(Poller shared, Descriptors.Pipe[] pipes, boolean[] registered)
            throws Exception {
        SortedSet<Integer> expected = new TreeSet<>();
        for (int i = 0; i < pipes.length; i++) {
            if (registered[i]) {
                shared.modify(pipes[i].readEnd(), IN);
                expected.add(pipes[i].readEnd());
            } else {
                int absent = pipes[i].readEnd();
                assertErrno(Errno.ENOENT, absent, () -> shared.remove(absent));
            }
        }
        SortedSet<Integer> delivered = new TreeSet<>();
        until(
                () -> expected + " are delivered, not only " + delivered,
                () -> {
                    shared.poll(0, (fd, events) -> delivered.add(fd));
                    return delivered.equals(expected);
                });
    }

    @Case(93)
    void closeByAnotherThreadEndsTheBatch() throws Exception {
        for (int i = 0; i < 3; i++) {
            Descriptors.Pipe pipe = pipe();
            write(pipe.writeEnd(), 1);
            poller.add(pipe.readEnd(), IN);
        }
        int delivered =
                pollWith(
                        (fd, events) ->
                                result(
                                        inBackground(
                                                () -> {
                                                    poller.close();
                                                    return true;
                                                })));
        assertEquals(1, delivered);
        assertThrows(ClosedPollerException.class, () -> poll(0));
    }
}
