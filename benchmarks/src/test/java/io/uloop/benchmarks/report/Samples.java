package io.uloop.benchmarks.report;

import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Fixed results for tests. */
final class Samples {
    static final Machine MACHINE =
            new Machine(
                    "Test CPU <8>",
                    2,
                    "24 GiB",
                    "Linux 6.1",
                    "amd64",
                    "OpenJDK 17",
                    "-Xmx1g",
                    "0123456789ab");

    static final Question POLL =
            Question.lines(
                    "poll-idle",
                    "One ready among many",
                    "What does a poll cost if one descriptor among n registered ones is ready?",
                    "ns per poll",
                    "registered",
                    "registered descriptors");

    static final Question TIMERS =
            Question.bars(
                    "timers",
                    "Timeouts",
                    "What does it cost to schedule a timer and cancel it?",
                    "ns per timer");

    static final Question STREAMS =
            Question.bars(
                            "streams",
                            "Large streams",
                            "How many bytes does a second of CPU time move?",
                            "GB per CPU second")
                    .moreIsBetter();

    private Samples() {}

    static Row row(String contender, double score, @Nullable Double bytes, String... parameters) {
        Map<String, String> map = new HashMap<>();
        for (int i = 0; i < parameters.length; i += 2) {
            map.put(parameters[i], parameters[i + 1]);
        }
        return new Row(contender, map, score, score * 0.9, score * 1.2, bytes);
    }

    static Answer poll() {
        return new Answer(
                POLL,
                List.of(
                        row("poll", 500, 0.0, "registered", "10"),
                        row("poll", 300_000, 0.0, "registered", "10000"),
                        row("epoll", 600, 0.0, "registered", "10"),
                        row("epoll", 610, 0.0, "registered", "10000"),
                        row("jdk-keys", 900, 64.0, "registered", "10000"),
                        row("jdk-keys", 800, 64.0, "registered", "10")),
                List.of("netty-io_uring: not available on this kernel"));
    }

    static Answer timers() {
        return new Answer(
                TIMERS,
                List.of(
                        row("netty-nio", 233, 120.0, "pending", "1000"),
                        row("epoll", 188, 0.01, "pending", "1000"),
                        row("epoll", 400, 0.0, "pending", "1000000")));
    }

    static Answer streams() {
        return new Answer(STREAMS, List.of(row("c", 4.5, null), row("epoll", 4.4, 0.0)));
    }

    static Results results() {
        return new Results(
                MACHINE,
                Instant.parse("2026-01-31T12:00:00Z"),
                Effort.NORMAL,
                true,
                List.of(poll(), timers(), streams()),
                List.of("turn: could not run"));
    }
}
