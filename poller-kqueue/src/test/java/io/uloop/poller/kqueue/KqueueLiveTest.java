package io.uloop.poller.kqueue;

import static io.uloop.poller.UEvent.EDGE;
import static io.uloop.poller.UEvent.IN;
import static io.uloop.poller.UEvent.ONESHOT;
import static io.uloop.poller.UEvent.OUT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import io.uloop.poller.EventSink;
import io.uloop.poller.NativeDescriptors;
import io.uloop.poller.UEvent;
import io.uloop.poller.posix.PosixDescriptors;
import io.uloop.poller.tck.Ends;
import io.uloop.poller.tck.NoDescriptorLeak;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Checks the binding and layout against a real kqueue. */
@ExtendWith(NoDescriptorLeak.class)
class KqueueLiveTest {
    private static final PosixDescriptors DESCRIPTORS = PosixDescriptors.INSTANCE;

    private final List<String> seen = new ArrayList<>();
    private final EventSink sink = (fd, events) -> seen.add(fd + " " + UEvent.toString(events));
    private int[] pair = {};

    @BeforeAll
    static void requireKqueue() throws IOException {
        KqueueSystem here = KqueueSystem.here();
        assumeTrue(here.unavailability() == null, here.unavailability());
        here.openPoller().close(); // opens the descriptors that stay open
    }

    @BeforeEach
    void openPair() throws IOException {
        pair = Ends.of(DESCRIPTORS.socketPair());
    }

    @AfterEach
    void closePair() throws IOException {
        for (int fd : pair) {
            DESCRIPTORS.close(fd);
        }
    }

    private void write() throws IOException {
        DESCRIPTORS.write(pair[1], ByteBuffer.allocate(1));
    }

    private List<String> poll(KqueuePoller poller) throws IOException {
        seen.clear();
        poller.poll(0, sink);
        return seen;
    }

    @Test
    void bothFiltersAreOneEvent() throws IOException {
        int fd = pair[0];
        try (KqueuePoller poller = KqueueSystem.here().openPoller()) {
            poller.add(fd, IN | OUT);
            assertThat(poll(poller)).containsExactly(fd + " OUT");
            write();
            assertThat(poll(poller)).containsExactly(fd + " IN|OUT");
            poller.modify(fd, IN);
            assertThat(poll(poller)).containsExactly(fd + " IN");
        }
    }

    @Test
    void edgeIsReportedOnceAndAgainAfterModify() throws IOException {
        int fd = pair[0];
        write();
        try (KqueuePoller poller = KqueueSystem.here().openPoller()) {
            poller.add(fd, IN | EDGE);
            assertThat(poll(poller)).containsExactly(fd + " IN");
            assertThat(poll(poller)).isEmpty();
            poller.modify(fd, IN | EDGE);
            assertThat(poll(poller)).containsExactly(fd + " IN");
            poller.modify(fd, IN | OUT | ONESHOT);
            assertThat(poll(poller)).containsExactly(fd + " IN|OUT");
            assertThat(poll(poller)).isEmpty();
        }
    }

    @Test
    void bothKindsOfWakeupEndAWait() throws Exception {
        KqueueSystem here = KqueueSystem.here();
        for (KqueueSystem system : List.of(here, here.withoutUserFilter())) {
            try (KqueuePoller poller = system.openPoller()) {
                for (int i = 0; i < 20_000; i++) {
                    Thread waker = i % 1000 == 0 ? new Thread(poller::wakeup) : null;
                    if (waker != null) {
                        waker.start();
                    } else {
                        poller.signal(); // more often than fits in a pipe
                    }
                    assertThat(poller.poll(waker != null ? -1 : 0, sink)).isZero();
                    if (waker != null) {
                        waker.join();
                    }
                }
                assertThat(seen).isEmpty();
            }
        }
    }

    @Test
    void processBecomesReadableWhenItEnds() throws Exception {
        KqueueSystem here = KqueueSystem.here();
        NativeDescriptors processes = new KqueueProvider().descriptors();
        Process child = new ProcessBuilder("sleep", "1000").start();
        try (KqueuePoller poller = here.openPoller()) {
            int process = processes.pidfd(child.pid());
            poller.add(process, IN);
            assertThat(poll(poller)).isEmpty();
            child.destroy();
            poller.poll(TimeUnit.SECONDS.toNanos(60), sink);
            assertThat(seen).singleElement().asString().startsWith(process + " IN");
            child.waitFor();
            assertThat(poll(poller)).as("it stays ready").hasSize(1);
            int before = DESCRIPTORS.closes(process);
            processes.close(process);
            assertThat(DESCRIPTORS.closes(process)).isEqualTo(before + 1);
            assertThatThrownBy(() -> processes.pidfd(child.pid())).hasMessageContaining("ESRCH");
        } finally {
            child.destroyForcibly().waitFor();
        }
    }

    @Test
    void openProcessFailsAfterItsEnd() throws Exception {
        KqueueSystem here = KqueueSystem.here();
        DESCRIPTORS.close(here.openProcess(ProcessHandle.current().pid()));
        Process child = new ProcessBuilder("true").start();
        child.waitFor();
        assertThatThrownBy(() -> here.openProcess(child.pid()))
                .hasMessageContaining("pid=" + child.pid(), "ESRCH");
    }

    @Test
    void pollAllocatesNothing() throws IOException {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        int[] delivered = new int[1];
        EventSink counter = (fd, events) -> delivered[0]++;
        write();
        try (KqueuePoller poller = KqueueSystem.here().openPoller()) {
            poller.add(pair[0], IN | OUT);
            int polls = 100_000;
            for (int round = 0; ; round++) {
                long before = threads.getCurrentThreadAllocatedBytes();
                for (int i = 0; i < polls; i++) {
                    poller.poll(0, counter);
                }
                long allocated = threads.getCurrentThreadAllocatedBytes() - before;
                if (allocated < polls) { // less than one byte per poll
                    break;
                }
                assertThat(round).as("rounds until the code is compiled").isLessThan(20);
            }
            assertThat(delivered[0]).isPositive();
        }
    }
}
