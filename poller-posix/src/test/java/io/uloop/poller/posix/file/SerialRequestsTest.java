package io.uloop.poller.posix.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.uloop.poller.Errno;
import io.uloop.poller.ModemLine;
import io.uloop.poller.PollerException;
import io.uloop.poller.posix.call.Libc;
import io.uloop.poller.posix.call.OperatingSystem;
import io.uloop.poller.posix.call.Posix;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Tests control lines and breaks with a device that a script plays, because few machines have one.
 */
class SerialRequestsTest {
    private static final int FD = 7;

    /** The requests of ioctl(2), each with the number behind its pointer, if it has one. */
    private final List<String> requests = new ArrayList<>();

    /** What the device answers: the number to store, or an errno. */
    private final Deque<Object> answers = new ArrayDeque<>();

    private final Terminals terminals =
            new Terminals(
                    (Libc.Calls)
                            Proxy.newProxyInstance(
                                    Libc.Calls.class.getClassLoader(),
                                    new Class<?>[] {Libc.Calls.class},
                                    (proxy, method, arguments) -> {
                                        assertThat(method.getName()).isEqualTo("ioctl");
                                        assertThat(arguments[0]).isEqualTo(FD);
                                        return ioctl((Long) arguments[1], (Long) arguments[2]);
                                    }));

    @BeforeEach
    void assumeLinux() {
        assumeTrue(OperatingSystem.HERE == OperatingSystem.LINUX, "the numbers are those of Linux");
    }

    private int ioctl(long request, long address) {
        ByteBuffer number =
                address == 0
                        ? null
                        : Posix.view(address, Integer.BYTES).order(ByteOrder.nativeOrder());
        requests.add(
                Long.toHexString(request)
                        + (number == null ? "" : " " + Integer.toHexString(number.getInt(0))));
        Object answer = answers.poll();
        if (answer instanceof Errno errno) {
            Posix.setErrno(Posix.number(errno));
            return -1;
        }
        if (answer instanceof Integer stored) {
            Objects.requireNonNull(number).putInt(0, stored);
        }
        return 0;
    }

    @Test
    void activeLinesAreRead() throws PollerException {
        answers.add(0x002 | 0x004);
        assertThat(terminals.modemLines(FD)).containsExactly(ModemLine.DTR, ModemLine.RTS);
        answers.add(0x020 | 0x040 | 0x080 | 0x100 | 0x4000);
        assertThat(terminals.modemLines(FD))
                .containsExactly(ModemLine.CTS, ModemLine.DSR, ModemLine.DCD, ModemLine.RI);
        assertThat(terminals.modemLines(FD)).isEmpty();
        assertThat(requests).containsExactly("5415 0", "5415 0", "5415 0");
    }

    @Test
    void linesOfThisSideAreSet() throws PollerException {
        terminals.setModemLine(FD, ModemLine.DTR, true);
        terminals.setModemLine(FD, ModemLine.RTS, true);
        terminals.setModemLine(FD, ModemLine.DTR, false);
        terminals.setModemLine(FD, ModemLine.RTS, false);
        assertThat(requests).containsExactly("5416 2", "5416 4", "5417 2", "5417 4");
        for (ModemLine line : List.of(ModemLine.CTS, ModemLine.DSR, ModemLine.DCD, ModemLine.RI)) {
            assertThatThrownBy(() -> terminals.setModemLine(FD, line, true))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("the device sets " + line + "; set DTR or RTS");
        }
        assertThat(requests).hasSize(4);
    }

    @Test
    void breakStartsAndEndsWithoutAnArgument() throws PollerException {
        terminals.setBreak(FD, true);
        terminals.setBreak(FD, false);
        assertThat(requests).containsExactly("5427", "5428");
    }

    @Test
    void outputIsSentWhenQueueAndTransmitterAreEmpty() throws PollerException {
        answers.add(3);
        assertThat(terminals.isOutputSent(FD)).isFalse();
        answers.addAll(List.of(0, 0));
        assertThat(terminals.isOutputSent(FD)).isFalse();
        answers.addAll(List.of(0, 1));
        assertThat(terminals.isOutputSent(FD)).isTrue();
        answers.addAll(List.of(0, Errno.ENOTTY)); // a driver that does not know its transmitter
        assertThat(terminals.isOutputSent(FD)).isTrue();
        assertThat(requests)
                .containsExactly(
                        "5411 0", "5411 0", "5459 0", "5411 0", "5459 0", "5411 0", "5459 0");
    }

    @Test
    void goneDeviceIsReportedAsSuch() {
        answers.add(Errno.EIO);
        assertThatThrownBy(() -> terminals.modemLines(FD))
                .isInstanceOf(PollerException.class)
                .hasMessageContaining("EIO")
                .hasMessageContaining("TIOCMGET")
                .hasMessageNotContaining("has no");
        answers.add(Errno.EINVAL); // what some drivers without lines return
        assertThatThrownBy(() -> terminals.modemLines(FD))
                .hasMessageContaining("this device has no modem lines");
    }

    /** Of {@code sys/ttycom.h}: {@code _IOR('t', 106, int)} and so on. */
    @Test
    void bsdAndMacOsHaveOneEncoding() {
        for (OperatingSystem system :
                List.of(
                        OperatingSystem.DARWIN,
                        OperatingSystem.FREEBSD,
                        OperatingSystem.OPENBSD,
                        OperatingSystem.DRAGONFLY)) {
            TermiosLayout layout = Objects.requireNonNull(TermiosLayout.of(system, "aarch64"));
            assertThat(LineRequest.TIOCMGET.number(layout)).isEqualTo(read('t', 106));
            assertThat(LineRequest.TIOCMBIS.number(layout)).isEqualTo(write('t', 108));
            assertThat(LineRequest.TIOCMBIC.number(layout)).isEqualTo(write('t', 107));
            assertThat(LineRequest.TIOCSBRK.number(layout)).isEqualTo(plain('t', 123));
            assertThat(LineRequest.TIOCCBRK.number(layout)).isEqualTo(plain('t', 122));
            assertThat(LineRequest.TIOCOUTQ.number(layout)).isEqualTo(read('t', 115));
            assertThat(LineRequest.TIOCSERGETLSR.number(layout)).isEqualTo(LineRequest.NONE);
        }
    }

    private static long plain(char group, int number) {
        return 0x2000_0000L | group << 8 | number;
    }

    private static long read(char group, int number) {
        return 0x4000_0000L | (long) Integer.BYTES << 16 | group << 8 | number;
    }

    private static long write(char group, int number) {
        return 0x8000_0000L | (long) Integer.BYTES << 16 | group << 8 | number;
    }
}
