package io.uloop.cookbook;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.uloop.Uloop;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** Metrics in Micrometer, logs in SLF4J. */
class ObservingTest {
    @Test
    void metersShowWhatTheLoopHasDone() throws IOException {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        try (Uloop loop = Uloop.builder().turnTimes(true).build()) {
            new LoopMeters(loop, "main").bindTo(registry);
            loop.callLater(Duration.ofMillis(1), () -> {});
            loop.runUntilIdle();
            loop.callLater(Duration.ofDays(1), () -> {});
            assertThat(registry.get("uloop.turns").tag("loop", "main").functionCounter().count())
                    .isEqualTo(loop.metrics().turns())
                    .isPositive();
            assertThat(registry.get("uloop.timers").gauge().value()).isEqualTo(1);
            assertThat(registry.get("uloop.turn.p99").timeGauge().value()).isPositive();
        }
    }

    @Test
    void logsOfTheLoopReachSlf4j() throws IOException {
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        Logger logger = (Logger) LoggerFactory.getLogger("io.uloop");
        log.start();
        logger.addAppender(log);
        logger.setAdditive(false);
        try (Uloop loop = Uloop.open()) {
            loop.callSoon(
                    () -> {
                        throw new IOException("of the test");
                    });
            loop.runUntilIdle();
        } finally {
            logger.detachAppender(log);
        }
        assertThat(log.list)
                .anySatisfy(
                        line -> {
                            assertThat(line.getLevel()).isEqualTo(Level.ERROR);
                            assertThat(line.getThrowableProxy().getMessage())
                                    .isEqualTo("of the test");
                        });
    }
}
