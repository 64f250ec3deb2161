package io.uloop.live;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;

import io.uloop.Timer;
import io.uloop.connection.Connection;
import io.uloop.connection.ConnectionHandler;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One client of the page: reads one request, answers it and closes, or sends events until the
 * client goes or does not keep up.
 *
 * <p>Not thread-safe: call from the thread of the page's own loop.
 */
final class LiveClient implements ConnectionHandler {
    private static final int MAX_HEAD = 8 << 10;
    private static final Duration REQUEST_LIMIT = Duration.ofSeconds(10);

    /** Small, so that a client that does not read is noticed soon. */
    private static final int SEND_BUFFER = 64 << 10;

    /** How many events in a row a client may miss. */
    private static final int MAX_MISSED = 5;

    private static final String END_OF_HEAD = "\r\n\r\n";

    private static final byte[] STREAM =
            ("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
                            + Response.GUARDS
                            + "\r\nretry: 1000\n\n")
                    .getBytes(US_ASCII);

    private static final Response BUSY =
            Response.refusal(
                    "503 Service Unavailable",
                    LiveServer.MAX_STREAMS + " pages are open; close another");

    private final LiveServer server;
    private final StringBuilder head = new StringBuilder();
    private @Nullable Connection connection;
    private @Nullable Timer deadline;
    private boolean answered;
    private boolean prolonged;
    private int missed;

    LiveClient(LiveServer server) {
        this.server = server;
    }

    @Override
    public void opened(Connection opened) throws IOException {
        connection = opened;
        server.connected(this);
        opened.setOption(StandardSocketOptions.SO_SNDBUF, SEND_BUFFER);
        deadline = opened.loop().callLater(REQUEST_LIMIT, this::due);
    }

    /** Ends a client without a request, but adds the delay of a late loop once. */
    private void due() {
        Connection waiting = connection;
        Timer running = deadline;
        if (prolonged || waiting == null || running == null) {
            abort();
            return;
        }
        prolonged = true;
        long late = waiting.loop().now() - running.deadline();
        running.reschedule(Duration.ofNanos(Math.max(0, late)));
    }

    @Override
    public void received(Connection from, ByteBuffer data) {
        if (answered) {
            return;
        }
        int before = head.length();
        int count = Math.min(data.remaining(), MAX_HEAD - before);
        head.append(ISO_8859_1.decode(data.slice(data.position(), count)));
        int end = head.indexOf(END_OF_HEAD, Math.max(0, before - END_OF_HEAD.length()));
        if (end < 0 && head.length() < MAX_HEAD) {
            return;
        }
        answered = true;
        endDeadline();
        if (end < 0) {
            answer(
                    from,
                    Response.refusal(
                            "431 Request Header Fields Too Large",
                            "a request must not exceed " + MAX_HEAD + " bytes"));
            return;
        }
        Request request = Request.parse(head.substring(0, end), server.hosts());
        head.setLength(0);
        Response refusal = request.refusal();
        if (refusal != null) {
            answer(from, refusal);
        } else {
            serve(from, request.path());
        }
    }

    private void serve(Connection to, String path) {
        switch (path) {
            case "/" -> answer(to, server.page());
            case "/metrics.json" -> answer(to, server.metrics());
            case "/events" -> {
                if (server.hasStream()) {
                    to.write(ByteBuffer.wrap(STREAM));
                    server.subscribe(this);
                } else {
                    answer(to, BUSY);
                }
            }
            default ->
                    answer(
                            to,
                            Response.refusal(
                                    "404 Not Found", "there are /, /events and /metrics.json"));
        }
    }

    private static void answer(Connection to, Response response) {
        to.write(response.bytes());
        to.close();
    }

    /** Sends an event, or none while an earlier one waits. Ends a client that does not keep up. */
    void send(ByteBuffer event) {
        Connection to = connection;
        if (to == null) {
            return;
        }
        if (to.pendingBytes() == 0) {
            missed = 0;
            to.write(event);
        } else if (++missed > MAX_MISSED) {
            to.abort();
        }
    }

    void abort() {
        if (connection != null) {
            connection.abort();
        }
    }

    private void endDeadline() {
        if (deadline != null) {
            deadline.close();
        }
    }

    @Override
    public void closed(Connection ended, @Nullable Throwable cause) {
        endDeadline();
        server.disconnected(this);
    }
}
