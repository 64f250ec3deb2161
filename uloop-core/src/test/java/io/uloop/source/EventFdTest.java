package io.uloop.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.uloop.poller.Descriptors;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class EventFdTest extends EachSource {
    private static final int NOT_ALLOWED = 77;

    private static final String ADD_SEVEN_BY_PIDFD_GETFD =
            """
            import ctypes, os, sys
            libc = ctypes.CDLL(None, use_errno=True)
            pidfd = libc.syscall(434, int(sys.argv[1]), 0)
            fd = libc.syscall(438, pidfd, int(sys.argv[2]), 0)
            if fd < 0:
                sys.exit(77)
            os.write(fd, (7).to_bytes(8, sys.byteorder))
            """;

    private long sum;
    private int calls;

    private EventFd open() throws IOException {
        assumeLinux();
        return closing(
                EventFd.open(
                        loop,
                        count -> {
                            calls++;
                            sum += count;
                        }));
    }

    @Test
    void addedCountsAreReportedAsOneSum() throws IOException {
        EventFd counter = open();
        assertThat(loop.runOnce(0)).isZero();
        counter.add(3);
        counter.add(4);
        loop.runOnce(-1);
        assertThat(sum).isEqualTo(7);
        assertThat(calls).isEqualTo(1);
        assertThat(loop.runOnce(0)).isZero();
    }

    @Test
    void concurrentAddsAreNotLost() throws Exception {
        EventFd counter = open();
        int each = 10_000;
        AtomicInteger failed = new AtomicInteger();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            Thread thread =
                    new Thread(
                            () -> {
                                try {
                                    for (int j = 0; j < each; j++) {
                                        counter.add(1);
                                    }
                                } catch (IOException e) {
                                    failed.incrementAndGet();
                                }
                            });
            thread.start();
            threads.add(thread);
        }
        runUntil(() -> sum == 4L * each);
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(failed).hasValue(0);
        assertThat(loop.runOnce(0)).isZero();
    }

    @Test
    void anotherProcessAdds() throws Exception {
        EventFd counter = open();
        assumeInstalled("python3");
        String pid = Long.toString(ProcessHandle.current().pid());
        String fd = Integer.toString(counter.fd());
        int status = status(start("python3", "-c", ADD_SEVEN_BY_PIDFD_GETFD, pid, fd));
        assumeTrue(status != NOT_ALLOWED, "pidfd_getfd is not allowed");
        assertThat(status).isZero();
        runUntil(() -> sum == 7);
    }

    @Test
    void sumIsUnsignedAndOverflowFailsUntilItIsRead() throws IOException {
        EventFd counter = open();
        counter.add(Long.MAX_VALUE);
        counter.add(Long.MAX_VALUE);
        assertThatThrownBy(() -> counter.add(1)).hasMessageContaining("EAGAIN");
        loop.runOnce(-1);
        assertThat(Long.toUnsignedString(sum)).isEqualTo("18446744073709551614");
        counter.add(1);
    }

    @Test
    void invalidCallsAreRejected() throws IOException {
        EventFd counter = open();
        assertThatIllegalArgumentException().isThrownBy(() -> counter.add(0));
        assertThatIllegalArgumentException().isThrownBy(() -> counter.add(-1));
        assertThat(counter.fd()).isNotNegative();
        counter.close();
        assertThat(counter.fd()).isEqualTo(Descriptors.NONE);
        counter.close();
        assertThatIllegalStateException().isThrownBy(() -> counter.add(1));
        assertThat(counter.toString()).startsWith("EventFd[fd=").endsWith(", closed]");
    }

    @Test
    void addsThatRaceWithItsCloseTouchNoOtherDescriptor() throws Exception {
        assumeLinux();
        List<IOException> failed = new CopyOnWriteArrayList<>();
        for (int i = 0; i < 200; i++) {
            EventFd counter = EventFd.open(loop, count -> {});
            Thread adder = new Thread(() -> addUntilClosed(counter, failed));
            adder.start();
            loop.runOnce(-1); // the other thread is adding
            counter.close();
            EventFd next = EventFd.open(loop, count -> sum += count);
            adder.join();
            loop.runOnce(0);
            next.close();
        }
        assertThat(sum).isZero();
        assertThat(failed).as("failures of writes to another descriptor").isEmpty();
    }

    private static void addUntilClosed(EventFd counter, List<IOException> failed) {
        try {
            for (; ; ) {
                counter.add(1);
            }
        } catch (IllegalStateException e) {
            // Closed: the end of the loop.
        } catch (IOException e) {
            failed.add(e);
        }
    }

    @Test
    void unsupportedBackendNamesTheAlternative() {
        assertUnsupported(() -> EventFd.open(loop, count -> {}), "Uloop.execute");
    }
}
