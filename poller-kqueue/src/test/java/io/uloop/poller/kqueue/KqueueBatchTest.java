package io.uloop.poller.kqueue;

import static io.uloop.poller.kqueue.KqueueCalls.EVFILT_READ;
import static io.uloop.poller.kqueue.KqueueCalls.EVFILT_WRITE;
import static io.uloop.poller.kqueue.KqueueCalls.EV_EOF;
import static io.uloop.poller.kqueue.KqueueCalls.EV_ERROR;
import static org.assertj.core.api.Assertions.assertThat;

import io.uloop.poller.UEvent;
import io.uloop.poller.posix.file.FileIdentity.Kind;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The events of both filters of a descriptor, for each kind of file. */
class KqueueBatchTest {
    private static final int ECONNRESET = 54;

    /** Parses filters: upper case has EV_EOF, {@code !} adds fflags. */
    private static int fired(String filters) {
        return Stream.of(filters.split(" "))
                .mapToInt(KqueueBatchTest::bits)
                .reduce(0, (a, b) -> a | b);
    }

    private static int bits(String filter) {
        return switch (filter) {
            case "read" -> KqueueBatch.bits(EVFILT_READ, 0, 0);
            case "READ" -> KqueueBatch.bits(EVFILT_READ, EV_EOF, 0);
            case "READ!" -> KqueueBatch.bits(EVFILT_READ, EV_EOF, ECONNRESET);
            case "write" -> KqueueBatch.bits(EVFILT_WRITE, 0, 0);
            case "WRITE" -> KqueueBatch.bits(EVFILT_WRITE, EV_EOF, 0);
            case "WRITE!" -> KqueueBatch.bits(EVFILT_WRITE, EV_EOF, ECONNRESET);
            case "write+error" -> KqueueBatch.bits(EVFILT_WRITE, EV_ERROR, 0);
            default -> throw new IllegalArgumentException(filter);
        };
    }

    @ParameterizedTest
    @CsvSource({
        // data, room to write
        "SOCKET, read, IN",
        "SOCKET, write, OUT",
        "SOCKET, read write, IN|OUT",
        "PIPE, read, IN",
        "OTHER, write, OUT",
        // the peer has shut down its output
        "SOCKET, READ, IN|RDHUP",
        "SOCKET, READ write, IN|OUT|RDHUP",
        // this side has shut down its output
        "SOCKET, WRITE, OUT",
        "SOCKET, read WRITE, IN|OUT",
        // both sides have
        "SOCKET, READ WRITE, IN|OUT|HUP|RDHUP",
        // reset or refused
        "SOCKET, READ! WRITE!, IN|OUT|ERR|HUP|RDHUP",
        "SOCKET, READ!, IN|ERR|RDHUP",
        "SOCKET, WRITE!, OUT|ERR",
        // the other end of a pipe is gone
        "PIPE, READ, IN|HUP",
        "PIPE, WRITE, OUT|ERR",
        "PIPE, READ WRITE, IN|OUT|ERR|HUP",
        // a pty's other end is closed
        "OTHER, READ, IN|HUP",
        "OTHER, WRITE, OUT|HUP",
        // the kernel reported an error instead of an event
        "OTHER, write+error, OUT|ERR"
    })
    void filtersMeanTheSameAsOnOtherBackends(Kind kind, String filters, String events) {
        assertThat(UEvent.toString(KqueueBatch.toEvents(fired(filters), kind))).isEqualTo(events);
    }

    @Test
    void fflagsWithoutEofAreIgnored() {
        int oneshotClear = KqueueCalls.EV_ONESHOT | KqueueCalls.EV_CLEAR | KqueueCalls.EV_ADD;
        assertThat(KqueueBatch.bits(EVFILT_READ, oneshotClear, ECONNRESET))
                .isEqualTo(KqueueBatch.READ);
    }

    @Test
    void eventsOfOneRegistrationAreMerged() {
        KqueueBatch batch = new KqueueBatch();
        long first = 1L << 32 | 3;
        long second = 1L << 32 | 100_000;
        batch.add(first, KqueueBatch.READ);
        batch.add(second, KqueueBatch.WRITE);
        batch.add(first, KqueueBatch.WRITE);
        assertThat(batch.size()).isEqualTo(2);
        assertThat(batch.token(0)).isEqualTo(first);
        assertThat(batch.fired(0)).isEqualTo(KqueueBatch.READ | KqueueBatch.WRITE);
        assertThat(batch.token(1)).isEqualTo(second);

        batch.clear();
        batch.add(first, KqueueBatch.WRITE);
        assertThat(batch.size()).isOne();
        assertThat(batch.fired(0)).isEqualTo(KqueueBatch.WRITE);
    }

    @Test
    void eventsOfAReusedNumberAreNotMerged() {
        KqueueBatch batch = new KqueueBatch();
        batch.add(1L << 32 | 3, KqueueBatch.READ);
        batch.add(3L << 32 | 3, KqueueBatch.WRITE);
        assertThat(batch.size()).isEqualTo(2);
        assertThat(batch.fired(0)).isEqualTo(KqueueBatch.READ);
        assertThat(batch.fired(1)).isEqualTo(KqueueBatch.WRITE);
    }

    @Test
    void manyEntriesFit() {
        KqueueBatch batch = new KqueueBatch();
        for (int fd = 0; fd < 1000; fd++) {
            batch.add(1L << 32 | fd, KqueueBatch.READ);
        }
        for (int fd = 0; fd < 1000; fd++) {
            batch.add(1L << 32 | fd, KqueueBatch.WRITE);
        }
        assertThat(batch.size()).isEqualTo(1000);
        assertThat(batch.fired(999)).isEqualTo(KqueueBatch.READ | KqueueBatch.WRITE);
    }
}
