package io.uloop.poller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PollersTest {
    private static final List<PollerProvider> PROVIDERS =
            List.of(
                    new Named("epoll", 400, "epoll is part of Linux"),
                    new Named("kqueue", 300, null),
                    new Named("poll", 200, null),
                    new Named("select", 100, null));

    @Test
    void theBestUsableOneIsChosenByPriority() {
        assertThat(Pollers.select(null, "priority", PROVIDERS).name()).isEqualTo("kqueue");
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
            })
    void aSpecificationChooses(String spec, String chosen) {
        assertThat(Pollers.select(spec, spec, PROVIDERS).name()).isEqualTo(chosen);
    }

    @ParameterizedTest
    @ValueSource(strings = {"nope", "!nope", "poll,nope", "poll,,select", "Poll", "!"})
    void anUnknownNameIsRefusedEvenBehindAUsableOne(String spec) {
        assertThatThrownBy(() -> Pollers.select(spec, "-Duloop.poller=" + spec, PROVIDERS))
                .isInstanceOf(PollerUnavailableException.class)
                .hasMessageStartingWith("-Duloop.poller=" + spec + " names an unknown poller")
                .hasMessageContaining("epoll (not usable: epoll is part of Linux)")
                .hasMessageContaining("kqueue (usable)")
                .hasMessageContaining("poll (usable)")
                .hasMessageContaining("select (usable)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"epoll", "epoll,!epoll", "!kqueue,!poll,!select", "poll,!poll"})
    void aSpecificationThatLeavesNothingUsableIsRefused(String spec) {
        assertThatThrownBy(() -> Pollers.select(spec, spec, PROVIDERS))
                .isInstanceOf(PollerUnavailableException.class)
                .hasMessageContaining("names no usable poller")
                .hasMessageContaining("epoll (not usable: epoll is part of Linux)");
    }

    @Test
    void anEmptyClassPathIsNamedAsTheFault() {
        assertThatThrownBy(() -> Pollers.select(null, "priority", List.of()))
                .isInstanceOf(PollerUnavailableException.class)
                .hasMessageContaining("io.uloop:poller-epoll");
    }

    private record Named(String name, int priority, @Nullable String unavailability)
            implements PollerProvider {
        @Override
        public int supportedEvents() {
            return UEvent.IN;
        }

        @Override
        public Poller open() {
            throw new UnsupportedOperationException();
        }

        @Override
        public Descriptors descriptors() {
            throw new UnsupportedOperationException();
        }
    }
}
