package io.uloop.poller.tck;

import static io.uloop.poller.UEvent.IN;
import static io.uloop.poller.UEvent.NONE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.uloop.poller.ClosedPollerException;
import io.uloop.poller.Descriptors;
import io.uloop.poller.Errno;
import io.uloop.poller.Poller;
import io.uloop.poller.PollerProvider;
import java.io.IOException;
import java.util.concurrent.FutureTask;
import java.util.function.Supplier;

/** Cases of a poller that another poller watches. */
abstract class NestingCases extends ContractCases {
    NestingCases(Supplier<PollerProvider> backend) {
        super(backend);
    }

    /** Returns the descriptor of a poller, watched by the other one. */
    private int watched(Poller inner) throws IOException {
        int nested = available(inner::fd);
        poller.add(nested, IN);
        return nested;
    }

    @Case(102)
    void aPollerIsReadableThroughItsDescriptorWhileItHasEvents() throws Exception {
        Poller inner = anotherPoller();
        int nested = watched(inner);
        assertEquals(nested, inner.fd(), "the number changes");
        assertEquals(-1, inner.timeoutNanos());
        Descriptors.Pipe pipe = pipe();
        inner.add(pipe.readEnd(), IN);
        assertSilent();
        write(pipe.writeEnd(), 1);
        awaitOnly(nested, IN, NONE);
        awaitOnly(nested, IN, NONE);
        assertEquals(IN, await(inner, pipe.readEnd(), IN));
        drain(pipe.readEnd());
        assertEquals(0, seen.poll(inner, 0));
        assertSilent();
        poller.remove(nested);
    }

    @Case(103)
    void aWakeupMakesTheDescriptorReadable() throws Exception {
        Poller inner = anotherPoller();
        inner.wakeup();
        int nested = watched(inner);
        for (int i = 0; i < 3; i++) {
            assertEquals(0, inner.timeoutNanos(), "the wakeup is pending");
            awaitOnly(nested, IN, NONE);
            assertEquals(0, seen.poll(inner, 0));
            assertEquals(-1, inner.timeoutNanos());
            assertEquals(0, seen.poll(inner, 0), "a wakeup is no event");
            assertSilent();
            FutureTask<Boolean> waker =
                    inBackground(
                            () -> {
                                untilPolled(poller);
                                inner.wakeup();
                                inner.wakeup();
                                return true;
                            });
            awaitOnly(nested, IN, NONE);
            assertTrue(result(waker));
        }
        poller.remove(nested);
    }

    @Case(104)
    void theDescriptorStillReportsAfterADupOfAClosedFileIsDropped() throws Exception {
        Poller inner = anotherPoller();
        int nested = watched(inner);
        Descriptors.Pipe stale = pipe();
        inner.add(stale.readEnd(), IN);
        int dup = dup(stale.readEnd());
        close(stale.readEnd());
        write(stale.writeEnd(), 1);
        seen.poll(inner, SILENCE_NANOS); // drops the registration
        seen.poll(inner, 0);
        Descriptors.Pipe fresh = pipe();
        inner.add(fresh.readEnd(), IN);
        assertSilent();
        write(fresh.writeEnd(), 1);
        awaitOnly(nested, IN, NONE);
        assertEquals(IN, await(inner, fresh.readEnd(), IN));
        drain(fresh.readEnd());
        drain(dup);
        seen.poll(inner, 0);
        assertSilent();
        poller.remove(nested);
    }

    @Case(105)
    void eventsLeftByAThrowingSinkNeedNoWait() throws Exception {
        Descriptors.Pipe first = pipe();
        Descriptors.Pipe second = pipe();
        poller.add(first.readEnd(), IN);
        poller.add(second.readEnd(), IN);
        write(first.writeEnd(), 1);
        write(second.writeEnd(), 1);
        assertEquals(-1, poller.timeoutNanos(), "the kernel knows of these events");
        assertThrows(
                IllegalCallerException.class,
                () ->
                        poller.poll(
                                DEADLINE_NANOS,
                                (fd, events) -> {
                                    throw new IllegalCallerException("expected");
                                }));
        assertEquals(0, poller.timeoutNanos(), "an event is left");
        assertEquals(1, poll(0));
        assertEquals(-1, poller.timeoutNanos());
    }

    @Case(106)
    void aDescriptorOfAPollerIsItsOwn() throws Exception {
        int own = available(poller::fd);
        assertErrno(Errno.EINVAL, own, () -> poller.add(own, IN));
        FutureTask<Boolean> intruder =
                inBackground(
                        () -> {
                            untilPolled(poller);
                            assertThrows(IllegalStateException.class, poller::fd);
                            poller.wakeup();
                            return true;
                        });
        assertEquals(0, poll(DEADLINE_NANOS));
        assertTrue(result(intruder));
        poller.close();
        assertThrows(ClosedPollerException.class, poller::fd);
        poller.wakeup();
    }
}
