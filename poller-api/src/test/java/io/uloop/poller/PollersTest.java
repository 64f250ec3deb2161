package io.uloop.poller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PollersTest {
    private static final FoundProviders FOUND =
            found(
                    new FakeProvider("epoll", 400, false, "epoll is part of Linux"),
                    new FakeProvider("kqueue", 300, true, null),
                    new FakeProvider("poll", 200, true, null),
                    new FakeProvider("select", 100, false, null));

    /** The providers of a Linux system where the C library cannot be called. */
    private static final FoundProviders FAULTY =
            found(
                    new FakeProvider("epoll", 400, true, "no C library"),
                    new FakeProvider("kqueue", 300, false, "kqueue is part of BSD"),
                    new FakeProvider("poll", 200, true, "no C library"),
                    new FakeProvider("select", 100, false, null));

    private static final FoundProviders SELECT_ALONE =
            found(new FakeProvider("select", 100, false, null));

    private static FoundProviders found(PollerProvider... providers) {
        return new FoundProviders(List.of(providers), List.of());
    }

    @Test
    void bestUsableBackendIsSelectedByPriority() {
        assertThat(Pollers.select(null, "priority", FOUND).name()).isEqualTo("kqueue");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "poll | poll",
                "select,poll | select",
                "epoll,select | select",
                "!kqueue | poll",
                "!kqueue,!poll | select",
                " poll , !kqueue | poll",
                "kqueue,poll,!kqueue | poll",
                "native | kqueue",
                "native,!kqueue | poll",
                "epoll,native | kqueue",
                "!native | select",
            })
    void specificationSelectsFirstUsableBackend(String spec, String chosen) {
        assertThat(Pollers.select(spec, spec, FOUND).name()).isEqualTo(chosen);
    }

    @ParameterizedTest
    @ValueSource(strings = {"nope", "!nope", "poll,nope", "poll,,select", "Poll", "!"})
    void unknownNameIsRejectedEvenAfterUsableOne(String spec) {
        assertThatThrownBy(() -> Pollers.select(spec, "-Duloop.poller=" + spec, FOUND))
                .isInstanceOf(PollerUnavailableException.class)
                .hasMessageStartingWith("-Duloop.poller=" + spec + " names an unknown poller")
                .hasMessageContaining("epoll (not usable: epoll is part of Linux)")
                .hasMessageContaining("kqueue (usable)")
                .hasMessageContaining("poll (usable)")
                .hasMessageContaining("select (usable)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"epoll", "epoll,!epoll", "!kqueue,!poll,!select", "poll,!poll"})
    void specificationWithoutUsableBackendIsRejected(String spec) {
        assertThatThrownBy(() -> Pollers.select(spec, spec, FOUND))
                .isInstanceOf(PollerUnavailableException.class)
                .hasMessageContaining("names no usable poller")
                .hasMessageContaining("epoll (not usable: epoll is part of Linux)");
    }

    @Test
    void emptyClassPathIsReportedWithRemedy() {
        assertThatThrownBy(
                        () ->
                                Pollers.select(
                                        null, "priority", new FoundProviders(List.of(), List.of())))
                .isInstanceOf(PollerUnavailableException.class)
                .hasMessageContaining("io.uloop:poller-epoll");
    }

    @Test
    void unusableNativeBackendsAreReportedInOneWarning() {
        LogRecord record = logged(null, FAULTY);
        assertThat(record.getLevel()).isEqualTo(Level.WARNING);
        assertThat(record.getMessage())
                .contains("poller select chosen by")
                .contains("epoll and poll cannot be used: no C library;")
                .contains("-Duloop.poller=select", "-Duloop.poller=native")
                .doesNotContain("kqueue", "\n");
        assertThat(logged("epoll,select", FAULTY).getLevel()).isEqualTo(Level.WARNING);
        assertThat(logged("!epoll", FAULTY).getMessage()).contains("poll cannot be used");
    }

    @ParameterizedTest
    @ValueSource(strings = {"select", "select,epoll", "!native", "!epoll,!poll"})
    void requestedFallbackLogsNoWarning(String spec) {
        assertThat(logged(spec, FAULTY).getLevel()).isEqualTo(Level.INFO);
    }

    @Test
    void missingNativeBackendsLogNoWarning() {
        assertThat(logged(null, SELECT_ALONE).getLevel()).isEqualTo(Level.INFO);
        assertThat(logged(null, FOUND).getLevel()).isEqualTo(Level.INFO);
    }

    @Test
    void nativeIsRejectedWithoutUsableNativeBackend() {
        assertThatThrownBy(() -> Pollers.select("native", "-Duloop.poller=native", FAULTY))
                .isInstanceOf(PollerUnavailableException.class)
                .hasMessageContaining("-Duloop.poller=native names no usable poller")
                .hasMessageContaining("epoll (not usable: no C library)");
        assertThatThrownBy(() -> Pollers.select("native", "native", SELECT_ALONE))
                .isInstanceOf(PollerUnavailableException.class);
    }

    @Test
    void unloadableBackendLogsWarningUnlessAnotherIsRequested() {
        FoundProviders broken =
                new FoundProviders(SELECT_ALONE.byPriority(), List.of("epoll is cut off"));
        assertThat(logged(null, broken).getMessage()).contains("epoll is cut off");
        assertThat(logged(null, broken).getLevel()).isEqualTo(Level.WARNING);
        assertThat(logged("select", broken).getLevel()).isEqualTo(Level.INFO);
        assertThatThrownBy(() -> Pollers.select("epoll", "epoll", broken))
                .hasMessageContaining("epoll is cut off");
    }

    @Test
    void backendWithMissingClassesIsPassedOver() {
        PollerProvider incomplete =
                new FakeProvider("epoll", 400, true, null) {
                    @Override
                    public String unavailability() {
                        throw new NoClassDefFoundError("io/uloop/poller/posix/NativeAccess");
                    }
                };
        FoundProviders found = found(incomplete, SELECT_ALONE.byPriority().get(0));
        LogRecord record = logged(null, found);
        assertThat(record.getLevel()).isEqualTo(Level.WARNING);
        assertThat(record.getMessage()).contains("NativeAccess", "io.uloop:poller-epoll");
    }

    private static int sources;

    /**
     * Returns the single log record of a selection. Each call uses a unique source, because equal
     * messages are logged only once.
     */
    private static LogRecord logged(@Nullable String spec, FoundProviders found) {
        try (CapturedWarnings log = new CapturedWarnings()) {
            assertThat(Pollers.select(spec, "test " + sources++, found).name())
                    .isEqualTo(found.equals(FOUND) ? "kqueue" : "select");
            assertThat(log.records()).hasSize(1);
            return log.records().get(0);
        }
    }
}
