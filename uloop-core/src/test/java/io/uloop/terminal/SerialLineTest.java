package io.uloop.terminal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.uloop.Uloop;
import io.uloop.poller.Descriptors;
import io.uloop.poller.Errno;
import io.uloop.poller.LineSettings;
import io.uloop.poller.LineSettings.FlowControl;
import io.uloop.poller.LineSettings.Parity;
import io.uloop.poller.ModemLine;
import io.uloop.poller.NativeDescriptors;
import io.uloop.poller.NativeTerminals;
import io.uloop.poller.PollerException;
import io.uloop.poller.TerminalModes;
import io.uloop.poller.tck.ForwardingProvider;
import io.uloop.poller.tck.Interceptor;
import io.uloop.source.EachSource;
import io.uloop.source.Pty;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests serial lines with a pseudo-terminal, whose master is the device. */
class SerialLineTest extends EachSource {
    private static final LineSettings SETTINGS =
            LineSettings.of(115_200).withBits(8, 2).with(FlowControl.HARDWARE);

    /** What the device has received. */
    private final Received atDevice = new Received();

    private Pty device;
    private NativeTerminals terminals;
    private int observer;

    @BeforeEach
    void openDevice() throws IOException {
        assumeNative();
        NativeDescriptors descriptors = NativeDescriptors.of(provider);
        device = closing(Pty.open(loop, atDevice));
        terminals = descriptors.terminals();
        observer =
                descriptors.open(device.slave(), StandardOpenOption.READ, StandardOpenOption.WRITE);
        closing(() -> io.close(observer));
    }

    private SerialLine open() throws IOException {
        return closing(SerialLine.open(loop, device.slave(), SETTINGS, received));
    }

    @Test
    void everyByteCanPassBothWays() throws IOException {
        terminals.setCooked(observer); // as a line is before a program sets it up
        SerialLine line = open();
        StringBuilder all = new StringBuilder();
        for (char value = 0; value < 256; value++) {
            all.append(value);
        }
        byte[] bytes = all.toString().getBytes(StandardCharsets.ISO_8859_1);
        device.write(ByteBuffer.wrap(bytes));
        runUntil(() -> received.text.length() == 256);
        assertThat(received.text).hasToString(all.toString());
        line.write(ByteBuffer.wrap(bytes));
        runUntil(() -> atDevice.text.length() == 256);
        assertThat(atDevice.text).hasToString(all.toString());
    }

    @Test
    void settingsAreInUseUntilTheCloseRestoresTheFormerOnes() throws IOException {
        terminals.setCooked(observer);
        TerminalModes before = terminals.modes(observer);
        SerialLine line = open();
        assertThat(line.settings()).isEqualTo(SETTINGS);
        assertThat(terminals.lineSettings(observer)).isEqualTo(SETTINGS);
        line.setSettings(LineSettings.of(31_250).with(FlowControl.SOFTWARE));
        assertThat(terminals.lineSettings(observer).baud()).isEqualTo(31_250);
        line.close();
        assertThat(terminals.modes(observer)).isEqualTo(before);
        assertThatThrownBy(line::settings).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> line.setSettings(SETTINGS))
                .isInstanceOf(IllegalStateException.class);
        line.close();
    }

    @Test
    void unsupportedSettingsLeaveNothingOpenOrChanged() throws IOException {
        terminals.setCooked(observer);
        TerminalModes before = terminals.modes(observer);
        LineSettings withParity = SETTINGS.with(Parity.EVEN); // which a pseudo-terminal lacks
        assertThatThrownBy(() -> SerialLine.open(loop, device.slave(), withParity, received))
                .isInstanceOf(PollerException.class)
                .hasMessageContaining("does not support")
                .extracting(e -> ((PollerException) e).errno())
                .isEqualTo(Errno.EINVAL);
        assertThat(terminals.modes(observer)).isEqualTo(before);
        assertThat(loop.metrics().descriptors()).isEqualTo(1);
        SerialLine line = open();
        assertThatThrownBy(() -> line.setSettings(withParity)).isInstanceOf(PollerException.class);
        assertThat(line.settings()).isEqualTo(SETTINGS);
    }

    @Test
    void unpluggedDeviceEndsTheStream() throws IOException {
        SerialLine line = open();
        device.close();
        runUntil(() -> received.ends == 1);
        assertThat(received.failures).isEmpty();
        assertThatThrownBy(() -> line.write(bytes("x"))).isInstanceOf(IOException.class);
        line.close();
    }

    @Test
    void pausedLineHoldsTheDevice() throws IOException {
        SerialLine line = open();
        line.pause();
        device.write(bytes("x"));
        loop.runOnce(TimeUnit.MILLISECONDS.toNanos(20));
        assertThat(received.text).isEmpty();
        line.resume();
        runUntil(() -> received.text.toString().equals("x"));
        int[] calls = new int[1];
        line.awaitWritable(() -> calls[0]++);
        runUntil(() -> calls[0] == 1);
    }

    /** Returns a loop whose terminals are serial lines, and notes what happens to them. */
    private Uloop withSerialDevice(List<String> calls, Deque<Boolean> sent) throws IOException {
        Interceptor device =
                call ->
                        switch (call.name()) {
                            case "setBreak" -> calls.add("break " + call.arguments()[1]);
                            case "isOutputSent" -> sent.isEmpty() || sent.remove();
                            case "modemLines" -> EnumSet.of(ModemLine.CTS, ModemLine.DSR);
                            case "setModemLine" ->
                                    calls.add(call.arguments()[1] + " " + call.arguments()[2]);
                            default -> call.proceed();
                        };
        return withTerminals(device);
    }

    private Uloop withTerminals(Interceptor device) throws IOException {
        NativeTerminals faked = device.before(NativeTerminals.class, terminals);
        Interceptor terminalsOfBackend =
                call -> call.name().equals("terminals") ? faked : call.proceed();
        Descriptors descriptors =
                terminalsOfBackend.before(Descriptors.class, provider.descriptors());
        return build(
                new ForwardingProvider(provider) {
                    @Override
                    public Descriptors descriptors() {
                        return descriptors;
                    }
                });
    }

    @Test
    void breakStartsAfterTheOutputAndEndsByATimer() throws IOException {
        List<String> calls = new ArrayList<>();
        Deque<Boolean> sent = new ArrayDeque<>(List.of(false, false, true));
        Uloop serial = withSerialDevice(calls, sent);
        SerialLine line = closing(SerialLine.open(serial, device.slave(), SETTINGS, received));
        line.unref();
        long start = System.nanoTime();
        line.sendBreak(
                Duration.ofMillis(5), () -> calls.add("ended, output sent " + line.isOutputSent()));
        assertThat(calls).containsExactly("break false"); // which fails if there are no breaks
        serial.runUntilIdle();
        assertThat(calls)
                .containsExactly(
                        "break false", "break true", "break false", "ended, output sent true");
        assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(7_000_000);
        assertThat(sent).isEmpty();
    }

    @Test
    void nextBreakReplacesTheFormerOneAndCloseEndsIt() throws IOException {
        List<String> calls = new ArrayList<>();
        Uloop serial = withSerialDevice(calls, new ArrayDeque<>());
        SerialLine line = closing(SerialLine.open(serial, device.slave(), SETTINGS, received));
        line.sendBreak(Duration.ofHours(1), () -> calls.add("first"));
        while (calls.size() < 2) {
            serial.runOnce(DEADLINE.toNanos());
        }
        line.sendBreak(Duration.ofHours(1), () -> calls.add("second"));
        while (calls.size() < 4) {
            serial.runOnce(DEADLINE.toNanos());
        }
        line.close();
        line.close();
        assertThat(calls)
                .containsExactly(
                        "break false", "break true", "break false", "break true", "break false");
        serial.runUntilIdle();
        assertThat(calls).hasSize(5);
        assertThatThrownBy(() -> line.sendBreak(Duration.ofMillis(1), () -> {}))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void deviceWithoutBreaksIsReportedAtOnce() throws IOException {
        Uloop serial =
                withTerminals(
                        call -> {
                            if (call.name().equals("setBreak")) {
                                throw new PollerException(
                                        "ioctl", "", call.number(0), Errno.ENOTTY, "no break");
                            }
                            return call.proceed();
                        });
        SerialLine line = closing(SerialLine.open(serial, device.slave(), SETTINGS, received));
        assertThatThrownBy(() -> line.sendBreak(Duration.ofMillis(1), () -> {}))
                .isInstanceOf(PollerException.class)
                .hasMessageContaining("no break");
        assertThat(serial.metrics().timers()).isZero();
    }

    @Test
    void modemLinesAreThoseOfTheDevice() throws IOException {
        List<String> calls = new ArrayList<>();
        Uloop serial = withSerialDevice(calls, new ArrayDeque<>());
        SerialLine line = closing(SerialLine.open(serial, device.slave(), SETTINGS, received));
        assertThat(line.modemLines()).containsExactly(ModemLine.CTS, ModemLine.DSR);
        line.setModemLine(ModemLine.RTS, true);
        line.setModemLine(ModemLine.DTR, false);
        assertThat(calls).containsExactly("RTS true", "DTR false");
        line.close();
        assertThatThrownBy(line::modemLines).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> line.setModemLine(ModemLine.RTS, true))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void pseudoTerminalHasNoModemLines() throws IOException {
        SerialLine line = open();
        assertThatThrownBy(line::modemLines)
                .isInstanceOf(PollerException.class)
                .hasMessageContaining("this device has no modem lines");
        assertThatThrownBy(() -> line.setModemLine(ModemLine.CTS, true))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> line.sendBreak(Duration.ZERO, () -> {}))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(line.isOutputSent()).isTrue();
        assertThat(loop.metrics().timers()).isZero();
    }

    @Test
    void otherFilesAreNoLines() {
        assertThatThrownBy(() -> SerialLine.open(loop, Path.of("/dev/null"), SETTINGS, received))
                .isInstanceOf(PollerException.class)
                .hasMessageContaining("neither a terminal nor a serial line");
    }
}
