package io.uloop.poller.kqueue;

import static org.assertj.core.api.Assertions.assertThat;

import io.uloop.poller.posix.call.Posix;
import io.uloop.poller.posix.memory.Memory;
import io.uloop.poller.posix.memory.Timespec;
import io.uloop.poller.spi.Registrations;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Checks the bytes passed to each system's kernel, on its little-endian machines. */
class KqueueAbiTest {
    private static final int FD = 0x01020304;
    private static final long TOKEN = 0x1122334455667788L;

    /** ident, filter, flags, fflags, data, udata. */
    private static final String ADD_WRITE_EDGE =
            "0403020100000000"
                    + "feff"
                    + "6100"
                    + "00000000"
                    + "0000000000000000"
                    + "8877665544332211";

    private static final String DELETE_READ =
            "0403020100000000"
                    + "ffff"
                    + "4200"
                    + "00000000"
                    + "0000000000000000"
                    + "0000000000000000";

    private static final String EXTENSION = "00".repeat(32);

    private static KqueueAbi abi(String name, String version) {
        KqueueAbi abi = KqueueAbi.forSystem(name, version);
        assertThat(abi).isNotNull();
        return abi;
    }

    @ParameterizedTest
    @CsvSource({
        "Mac OS X, 14.5, 0, f6ff",
        "FreeBSD, 11.4-RELEASE, 0, f5ff",
        "FreeBSD, 12.0-RELEASE, 1, f5ff",
        "FreeBSD, 14.1-RELEASE-p3, 1, f5ff",
        "FreeBSD, CURRENT, 1, f5ff",
        "OpenBSD, 7.8, 0, f6ff",
        "DragonFly, 6.4-RELEASE, 0, f7ff",
        "Linux, 6.18.5, 0, f5ff"
    })
    void everySystemGetsItsOwnLayout(String name, String version, int extended, String userFilter) {
        KqueueAbi abi = abi(name, version);
        String extension = extended == 1 ? EXTENSION : "";
        KqueueChanges changes = new KqueueChanges(abi);
        try {
            changes.add(FD, KqueueCalls.EVFILT_WRITE, KqueueCalls.EV_CLEAR, TOKEN);
            changes.delete(FD, KqueueCalls.EVFILT_READ);
            changes.trigger(abi.userFilter(), Registrations.NO_TOKEN);
            String trigger =
                    "0000000000000000"
                            + userFilter
                            + "0000"
                            + "00000001"
                            + "0000000000000000"
                            + "ffffffffffffffff";
            assertThat(bytes(changes.changes(), 3 * abi.eventBytes()))
                    .isEqualTo(
                            ADD_WRITE_EDGE
                                    + extension
                                    + DELETE_READ
                                    + extension
                                    + trigger
                                    + extension);
        } finally {
            changes.free();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "Mac OS X, 14.5",
        "FreeBSD, 11.4-RELEASE",
        "FreeBSD, 14.1-RELEASE",
        "OpenBSD, 7.8",
        "DragonFly, 6.4-RELEASE",
        "Linux, 6.18.5"
    })
    void everySystemsEventsAreRead(String name, String version) {
        KqueueAbi abi = abi(name, version);
        KqueueEvents events = new KqueueEvents(abi, 2);
        try {
            // READ, ADD|CLEAR|EOF, fflags 104, data 7; then WRITE, ADD.
            String first =
                    "0403020100000000"
                            + "ffff"
                            + "2180"
                            + "68000000"
                            + "0700000000000000"
                            + "8877665544332211";
            String second =
                    "0500000000000000"
                            + "feff"
                            + "0100"
                            + "00000000"
                            + "0000010000000000"
                            + "0500000001000000";
            String extension = "00".repeat(abi.eventBytes() - first.length() / 2);
            byte[] bytes = HexFormat.of().parseHex(first + extension + second + extension);
            Posix.view(events.array(), bytes.length).put(bytes);

            assertThat(events.filter(0)).isEqualTo(KqueueCalls.EVFILT_READ);
            assertThat(events.flags(0)).isEqualTo(0x8021);
            assertThat(events.fflags(0)).isEqualTo(104);
            assertThat(events.token(0)).isEqualTo(TOKEN);
            assertThat(events.filter(1)).isEqualTo(KqueueCalls.EVFILT_WRITE);
            assertThat(events.flags(1)).isEqualTo(KqueueCalls.EV_ADD);
            assertThat(events.fflags(1)).isZero();
            assertThat(events.token(1)).isEqualTo(0x100000005L);
        } finally {
            events.free();
        }
    }

    @Test
    void timespecHasSecondsAndNanoseconds() {
        Memory block = Memory.allocate(Timespec.BYTES);
        try {
            Timespec.put(block, 0, TimeUnit.HOURS.toNanos(12) + 1_000_000_258);
            assertThat(bytes(block.address(), Timespec.BYTES))
                    .isEqualTo("c1a8000000000000" + "0201000000000000");
        } finally {
            block.free();
        }
    }

    @Test
    void negativeTimeoutIsNull() {
        KqueueEvents events = new KqueueEvents(abi("Mac OS X", "14.5"), 1);
        try {
            assertThat(events.timespec(-1)).isZero();
            assertThat(bytes(events.timespec(1_000_000_001), Timespec.BYTES))
                    .isEqualTo("0100000000000000" + "0100000000000000");
            assertThat(bytes(events.timespec(0), Timespec.BYTES)).isEqualTo("00".repeat(16));
        } finally {
            events.free();
        }
    }

    @Test
    void onlyOpenBsdHasKqueue1() {
        assertThat(abi("OpenBSD", "7.8").kqueue1Flags()).isEqualTo(0x10000);
        assertThat(abi("FreeBSD", "14.1-RELEASE").kqueue1Flags()).isEqualTo(KqueueAbi.NONE);
        assertThat(abi("Mac OS X", "14.5").kqueue1Flags()).isEqualTo(KqueueAbi.NONE);
    }

    @Test
    void otherSystemsHaveNoAbi() {
        assertThat(KqueueAbi.forSystem("NetBSD", "10.1")).isNull();
        assertThat(KqueueAbi.forSystem("Windows 11", "10.0")).isNull();
        assertThat(KqueueAbi.forSystem("SunOS", "5.11")).isNull();
    }

    private static String bytes(long address, int count) {
        byte[] bytes = new byte[count];
        Posix.view(address, count).get(bytes);
        return HexFormat.of().formatHex(bytes);
    }
}
