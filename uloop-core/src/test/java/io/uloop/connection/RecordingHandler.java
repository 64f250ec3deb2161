package io.uloop.connection;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Records the calls of a connection, checks that they are ordered and not nested, and runs the
 * actions of a test.
 */
class RecordingHandler implements ConnectionHandler {
    /** The methods of a handler. */
    enum Call {
        OPENED,
        SECURED,
        RECEIVED,
        WRITABLE,
        INPUT_CLOSED,
        CLOSED
    }

    /** An action of a test inside a call. */
    @FunctionalInterface
    interface Action {
        void in(Connection connection) throws Exception;
    }

    final List<Call> calls = new ArrayList<>();
    final StringBuilder received = new StringBuilder();
    final Map<Call, Action> actions = new EnumMap<>(Call.class);
    Connection connection;
    Throwable cause;
    IOException openFailure;
    private boolean inside;

    RecordingHandler on(Call call, Action action) {
        actions.put(call, action);
        return this;
    }

    boolean has(Call call) {
        return calls.contains(call);
    }

    boolean isOpened() {
        return has(Call.OPENED);
    }

    boolean isClosed() {
        return has(Call.CLOSED);
    }

    /** Returns whether the last call has been made: closed or openFailed. */
    boolean isOver() {
        return isClosed() || openFailure != null;
    }

    long count(Call call) {
        return calls.stream().filter(call::equals).count();
    }

    private void note(Call call, Connection by) throws Exception {
        assertThat(inside).as(call + " inside another call").isFalse();
        assertThat(calls.isEmpty()).as(call + " after " + calls).isEqualTo(call == Call.OPENED);
        assertThat(calls).doesNotContain(Call.CLOSED);
        assertThat(openFailure).isNull();
        assertThat(connection == null || connection == by).isTrue();
        connection = by;
        calls.add(call);
        inside = true;
        try {
            Action action = actions.get(call);
            if (action != null) {
                action.in(by);
            } else if (call == Call.INPUT_CLOSED) {
                by.close();
            }
        } finally {
            inside = false;
        }
    }

    @Override
    public void opened(Connection by) throws Exception {
        note(Call.OPENED, by);
    }

    @Override
    public void secured(Connection by) throws Exception {
        note(Call.SECURED, by);
    }

    @Override
    public void openFailed(IOException failure) {
        assertThat(calls).isEmpty();
        assertThat(openFailure).isNull();
        openFailure = failure;
    }

    @Override
    public void received(Connection by, ByteBuffer data) throws Exception {
        assertThat(data.hasRemaining()).isTrue();
        take(data.duplicate());
        note(Call.RECEIVED, by);
    }

    /** Handles received bytes. Keeps them as text by default. */
    void take(ByteBuffer data) {
        received.append(StandardCharsets.ISO_8859_1.decode(data));
    }

    @Override
    public void writable(Connection by) throws Exception {
        note(Call.WRITABLE, by);
    }

    @Override
    public void inputClosed(Connection by) throws Exception {
        note(Call.INPUT_CLOSED, by);
    }

    @Override
    public void closed(Connection by, Throwable why) throws Exception {
        cause = why;
        note(Call.CLOSED, by);
    }
}
