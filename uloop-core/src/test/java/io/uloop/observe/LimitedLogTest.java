package io.uloop.observe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.uloop.CapturedLog;
import io.uloop.poller.tck.Scene;
import java.time.Duration;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LimitedLogTest {
    private static final String NAME = "io.uloop.limited.log.test";
    private static final Pattern SUMMARY = Pattern.compile("(\\d+) more within PT.*");

    private final Logger logger = Logger.getLogger(NAME);
    private final CapturedLog captured = new CapturedLog(NAME, record -> false);

    @AfterEach
    void close() {
        captured.close();
        logger.setLevel(null);
    }

    private static LimitedLog log(int lines, Duration period) {
        return new LimitedLog(
                System.getLogger(NAME), System.Logger.Level.WARNING, lines, false, period);
    }

    @Test
    void failuresAreWrittenOrCounted() {
        LimitedLog log = log(2, Duration.ofMillis(50));
        for (int i = 0; i < 10_000; i++) {
            log.log(() -> "refused", null);
        }
        await().atMost(Scene.DEADLINE).until(() -> accountedFor() >= 10_000);
        assertThat(accountedFor()).isEqualTo(10_000);
        assertThat(captured.messages().size()).isLessThan(5_000);
        assertThat(captured.messages()).anyMatch(line -> line.endsWith("such as: refused"));
    }

    private long accountedFor() {
        long count = 0;
        for (String line : captured.messages()) {
            Matcher summary = SUMMARY.matcher(line);
            count += summary.matches() ? Long.parseLong(summary.group(1)) : 1;
        }
        return count;
    }

    @Test
    void linesHaveNoStackTraces() {
        LimitedLog log = log(3, Duration.ofDays(1));
        for (int i = 0; i < 1_000; i++) {
            log.log(() -> "failed", new IllegalStateException("of the test"));
        }
        assertThat(captured.messages()).containsExactly("failed", "failed", "failed");
        assertThat(captured.records()).allMatch(each -> each.getThrown() == null);
    }

    @Test
    void debugWritesEachStackTrace() {
        logger.setLevel(Level.ALL);
        LimitedLog log = log(1, Duration.ofDays(1));
        for (int i = 0; i < 5; i++) {
            log.log(() -> "failed", new IllegalStateException("of the test"));
        }
        assertThat(captured.records()).filteredOn(each -> each.getThrown() != null).hasSize(5);
        assertThat(captured.records())
                .filteredOn(each -> each.getLevel().equals(Level.WARNING))
                .singleElement()
                .matches(each -> each.getThrown() == null);
    }

    @Test
    void lineBreaksInTextOfAPeerAreReplaced() {
        log(1, Duration.ofDays(1)).log(() -> "bad name a\r\nSEVERE: forged", null);
        assertThat(captured.messages()).containsExactly("bad name a  SEVERE: forged");
    }
}
