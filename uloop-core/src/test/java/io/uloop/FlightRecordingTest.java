package io.uloop;

import static org.assertj.core.api.Assertions.assertThat;

import io.uloop.poller.UEvent;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests the Flight Recorder events of a loop. */
class FlightRecordingTest extends EachBackend {
    @TempDir private Path directory;

    private List<RecordedEvent> stop(Recording recording) throws IOException {
        recording.stop();
        Path file = directory.resolve("recording.jfr");
        recording.dump(file);
        return RecordingFile.readAllEvents(file);
    }

    private static List<RecordedEvent> named(String name, List<RecordedEvent> events) {
        return events.stream().filter(e -> e.getEventType().getName().equals(name)).toList();
    }

    @Test
    void pollsAreRecordedIfEnabled() throws IOException {
        Uloop recorded = closing(Uloop.builder().poller(provider).name("recorded").build());
        recorded.add(readablePipe(), UEvent.IN, (fd, events) -> recorded.remove(fd));
        try (Recording recording = new Recording()) {
            recording.enable("io.uloop.Poll");
            recording.start();
            recorded.runOnce(0);
            recorded.runOnce(2_000_000);
            List<RecordedEvent> polls = named("io.uloop.Poll", stop(recording));
            assertThat(polls).hasSize(2).allMatch(e -> e.getString("loop").equals("recorded"));
            assertThat(polls.get(0).getInt("events")).isEqualTo(1);
            assertThat(polls.get(0).getDuration("wait")).isZero();
            assertThat(polls.get(1).getInt("events")).isZero();
            assertThat(polls.get(1).getDuration("wait"))
                    .isGreaterThanOrEqualTo(Duration.ofMillis(2));
        }
    }

    @Test
    void slowHandlersAreRecordedByDefaultButPollsAreNot() throws IOException {
        Uloop recorded =
                closing(
                        Uloop.builder()
                                .poller(provider)
                                .name("recorded")
                                .slowHandlerThreshold(Duration.ofMillis(20))
                                .build());
        try (CapturedLog log = new CapturedLog("io.uloop");
                Recording recording = new Recording()) {
            recording.start();
            int fd = readablePipe();
            EventHandler slow =
                    (ready, bits) ->
                            Awaitility.await()
                                    .atMost(DEADLINE)
                                    .until(() -> !log.messages().isEmpty());
            recorded.add(fd, UEvent.IN, slow);
            recorded.runOnce(0);
            recorded.close(); // also waits for the watchdog, which records the event after it logs
            Awaitility.await()
                    .atMost(DEADLINE)
                    .until(
                            () ->
                                    Thread.getAllStackTraces().keySet().stream()
                                            .noneMatch(t -> t.getName().equals("uloop-watchdog")));
            List<RecordedEvent> events = stop(recording);
            assertThat(named("io.uloop.Poll", events)).isEmpty();
            List<RecordedEvent> slowHandlers = named("io.uloop.SlowHandler", events);
            assertThat(slowHandlers).hasSize(1);
            RecordedEvent event = slowHandlers.get(0);
            assertThat(event.getString("loop")).isEqualTo("recorded");
            assertThat(event.getInt("fd")).isEqualTo(fd);
            assertThat(event.getClass("handler").getName())
                    .startsWith(slow.getClass().getName().replaceAll("/.*", ""));
            assertThat(event.getThread("loopThread").getJavaName())
                    .isEqualTo(Thread.currentThread().getName());
            assertThat(event.getDuration("soFar")).isGreaterThanOrEqualTo(Duration.ofMillis(20));
        }
    }
}
