package io.uloop.poller.posix.file;

import static org.assertj.core.api.Assertions.assertThat;

import io.uloop.poller.LineSettings;
import io.uloop.poller.LineSettings.FlowControl;
import io.uloop.poller.LineSettings.Parity;
import io.uloop.poller.posix.call.OperatingSystem;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Tests the layouts of all systems on this one. */
class TermiosTest {
    private static final int START = 8;

    private final ByteBuffer block = ByteBuffer.allocate(128).order(ByteOrder.nativeOrder());

    private Termios termios(OperatingSystem system) {
        TermiosLayout layout = Objects.requireNonNull(TermiosLayout.of(system, "aarch64"));
        return new Termios(layout, block, START);
    }

    private int at(int offset) {
        return block.getInt(START + offset);
    }

    private long longAt(int offset) {
        return block.getLong(START + offset);
    }

    private static LineSettings line(int baud, int bits, Parity parity, int stops) {
        return new LineSettings(baud, bits, parity, stops, FlowControl.NONE);
    }

    @Test
    void linuxHasItsFlagsAndAnySpeed() {
        Termios termios = termios(OperatingSystem.LINUX);
        block.putInt(START + 8, 0x000F_000F | 0xCB0); // both speeds by code, 8N1 and others
        assertThat(termios.setLine(line(31_250, 7, Parity.EVEN, 2))).isTrue();
        assertThat(at(8)).isEqualTo(0x400 | 0x20 | 0x40 | 0x80 | 0x100 | 0x800 | 0x1000);
        assertThat(at(0)).isEqualTo(0x10);
        assertThat(at(36)).isEqualTo(31_250);
        assertThat(at(40)).isEqualTo(31_250);
        termios.setLine(line(9600, 8, Parity.MARK, 1));
        assertThat(at(8)).isEqualTo(0x400 | 0x30 | 0x80 | 0x100 | 0x200 | 0x4000_0000 | 0x80D);
        termios.setLine(LineSettings.of(9600).with(FlowControl.HARDWARE));
        assertThat(at(8)).isEqualTo(0x400 | 0x30 | 0x80 | 0x8000_0000 | 0x80D);
        termios.setLine(LineSettings.of(4_000_000).with(FlowControl.SOFTWARE));
        assertThat(at(0)).isEqualTo(0x1400);
        assertThat(at(8) & 0x100F).isEqualTo(0x100F);
        assertThat(termios.bytes()).hasSize(44);
    }

    @Test
    void macOsHasLongFields() {
        Termios termios = termios(OperatingSystem.DARWIN);
        assertThat(termios.setLine(line(9600, 7, Parity.ODD, 1))).isTrue();
        assertThat(longAt(16)).isEqualTo(0x200 | 0x800 | 0x1000 | 0x2000 | 0x8000);
        assertThat(longAt(56)).isEqualTo(9600);
        assertThat(longAt(64)).isEqualTo(9600);
        termios.setLine(LineSettings.of(9600).with(FlowControl.HARDWARE));
        assertThat(longAt(16)).isEqualTo(0x300 | 0x800 | 0x8000 | 0x3_0000);
        termios.makeRaw();
        assertThat(block.get(START + 32 + 16)).isEqualTo((byte) 1);
        assertThat(termios.bytes()).hasSize(72);
    }

    @Test
    void bsdHasIntFields() {
        Termios termios = termios(OperatingSystem.OPENBSD);
        termios.setLine(LineSettings.of(115_200).with(FlowControl.HARDWARE));
        assertThat(at(8)).isEqualTo(0x300 | 0x800 | 0x8000 | 0x1_0000);
        assertThat(at(36)).isEqualTo(115_200);
        assertThat(at(40)).isEqualTo(115_200);
        termios(OperatingSystem.FREEBSD).setLine(LineSettings.of(9600).with(FlowControl.SOFTWARE));
        assertThat(at(0)).isEqualTo(0x600);
        assertThat(termios.setLine(line(9600, 8, Parity.MARK, 1))).isFalse();
    }

    @ParameterizedTest
    @EnumSource(
            value = OperatingSystem.class,
            names = {"LINUX", "DARWIN", "FREEBSD", "OPENBSD", "DRAGONFLY"})
    void everySettingSurvives(OperatingSystem system) {
        Termios termios = termios(system);
        for (int bits : List.of(5, 6, 7, 8)) {
            for (Parity parity : Parity.values()) {
                for (FlowControl flow : FlowControl.values()) {
                    for (int stops = 1; stops <= 2; stops++) {
                        LineSettings line = new LineSettings(4800, bits, parity, stops, flow);
                        if (termios.setLine(line)) {
                            assertThat(termios.line()).isEqualTo(line);
                        } else {
                            assertThat(parity).isIn(Parity.MARK, Parity.SPACE);
                        }
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = OperatingSystem.class,
            names = {"LINUX", "DARWIN", "FREEBSD", "OPENBSD", "DRAGONFLY"})
    void rawAndCookedKeepTheLine(OperatingSystem system) {
        Termios termios = termios(system);
        termios.makeRaw();
        byte[] raw = termios.bytes();
        termios.setLine(LineSettings.of(300).withBits(8, 2));
        byte[] before = termios.bytes();
        termios.makeCooked();
        assertThat(termios.line()).isEqualTo(LineSettings.of(300).withBits(8, 2));
        assertThat(termios.bytes()).isNotEqualTo(before);
        termios.makeRaw();
        assertThat(termios.line()).isEqualTo(LineSettings.of(300).withBits(8, 2));
        termios.set(raw);
        assertThat(termios.bytes()).isEqualTo(raw);
    }

    @Test
    void otherLayoutsAreUnknown() {
        for (String architecture : List.of("ppc64le", "mips64el", "sparcv9", "alpha")) {
            assertThat(TermiosLayout.of(OperatingSystem.LINUX, architecture)).isNull();
        }
        assertThat(TermiosLayout.of(OperatingSystem.UNKNOWN, "amd64")).isNull();
    }
}
