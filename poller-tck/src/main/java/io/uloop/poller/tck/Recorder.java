package io.uloop.poller.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.uloop.poller.EventSink;
import io.uloop.poller.Poller;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Records the events of the last poll, and checks what must hold for every poll. */
final class Recorder implements EventSink {
    private final Map<Integer, Integer> eventsByFd = new LinkedHashMap<>();

    int poll(Poller poller, long timeoutNanos) throws IOException {
        return poll(poller, timeoutNanos, (fd, events) -> {});
    }

    /** Polls, records each event, and then calls the reaction. */
    int poll(Poller poller, long timeoutNanos, EventSink reaction) throws IOException {
        eventsByFd.clear();
        int delivered =
                poller.poll(
                        timeoutNanos,
                        (fd, events) -> {
                            onEvent(fd, events);
                            reaction.onEvent(fd, events);
                        });
        assertEquals(
                eventsByFd.size(),
                delivered,
                "the result of poll and the number of calls of the sink");
        return delivered;
    }

    @Override
    public void onEvent(int fd, int events) {
        assertFalse(eventsByFd.containsKey(fd), () -> "fd " + fd + " twice in one poll: " + this);
        assertNotEquals(0, events, "an event without bits");
        assertEquals(0, events & UEvent.MODES, "mode bits in an event");
        eventsByFd.put(fd, events);
    }

    /** {@return the bits reported for a descriptor, 0 if none} */
    int events(int fd) {
        return eventsByFd.getOrDefault(fd, 0);
    }

    Set<Integer> fds() {
        return Set.copyOf(eventsByFd.keySet());
    }

    @Override
    public String toString() {
        return eventsByFd.entrySet().stream()
                .map(entry -> "fd " + entry.getKey() + " " + UEvent.toString(entry.getValue()))
                .collect(Collectors.joining(", ", "[", "]"));
    }
}
