package io.uloop.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;

class LogFormatTest {
    private final LogRecord record = new LogRecord(Level.INFO, "received 'hello sock'");

    LogFormatTest() {
        record.setLoggerName("Uloop.ClientHandler.read");
        record.setInstant(
                LocalDateTime.parse("2020-06-15T15:34:28.692345")
                        .atZone(ZoneId.systemDefault())
                        .toInstant());
    }

    @Test
    void recordIsOneLineWithMilliseconds() {
        assertThat(new LogFormat().format(record))
                .isEqualTo(
                        "2020-06-15 15:34:28,692 - Uloop.ClientHandler.read - INFO -"
                                + " received 'hello sock'\n");
    }

    @Test
    void severeIsShownAsError() {
        record.setLevel(Level.SEVERE);
        assertThat(new LogFormat().format(record)).contains(" - ERROR - ");
    }

    @Test
    void stackTraceFollowsTheLine() {
        record.setThrown(new IllegalStateException("of the test"));
        assertThat(new LogFormat().format(record).lines())
                .hasSizeGreaterThan(2)
                .anyMatch("java.lang.IllegalStateException: of the test"::equals);
    }
}
