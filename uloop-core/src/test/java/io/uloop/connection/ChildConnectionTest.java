package io.uloop.connection;

import static io.uloop.connection.RecordingHandler.Call.INPUT_CLOSED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.uloop.process.ChildProcess;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Connections of the standard streams of a child. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "there is no sh")
class ChildConnectionTest extends EachConnection {
    private static final int MANY = 1_000_000;

    private int status = -1;

    private ChildProcess start(String script) throws IOException {
        return closing(
                ChildProcess.open(
                        loop,
                        new ProcessBuilder("sh", "-c", script),
                        (child, code) -> status = code));
    }

    @Test
    void childAnswersOnItsStreams() throws IOException {
        ChildProcess child = start("cat; echo err >&2; exit 3");
        Connection.open(child.stream(), ConnectionOptions.DEFAULTS, client);
        Connection.open(child.errorStream(), ConnectionOptions.DEFAULTS, server);
        client.connection.write(bytes("hello"));
        runUntil(() -> client.received.toString().equals("hello"));
        client.connection.write(ByteBuffer.allocate(MANY));
        client.connection.shutdownOutput();
        runUntilBothClosed();
        runUntil(() -> status >= 0);
        assertThat(client.received).hasSize(MANY + 5);
        assertThat(client.has(INPUT_CLOSED)).isTrue();
        assertThat(client.cause).isNull();
        assertThat(server.received).hasToString("err\n");
        assertThat(server.cause).isNull();
        assertThat(status).isEqualTo(3);
    }

    @Test
    void closeWaitsForTheEndOfTheChild() throws IOException {
        ChildProcess child = start("cat >/dev/null; echo done");
        child.errorStream().close();
        Connection.open(child.stream(), ConnectionOptions.DEFAULTS, client);
        client.connection.write(bytes("input"));
        client.connection.close();
        runUntil(client::isClosed);
        runUntil(() -> status >= 0);
        assertThat(status).isZero();
        assertThat(client.cause).isNull();
    }

    @Test
    void streamsAreTakenOnce() throws IOException {
        ChildProcess child = start("cat >/dev/null");
        child.stream().close();
        assertThatThrownBy(child::stream)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("taken already");
        assertThatThrownBy(() -> child.write(bytes("x")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("use stream()");
        child.close(); // closes the errors
        child.close();
        assertThatThrownBy(child::errorStream).isInstanceOf(IllegalStateException.class);
    }
}
