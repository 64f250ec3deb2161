package io.uloop.connection.frames;

import static org.assertj.core.api.Assertions.assertThat;

import io.uloop.connection.Connection;
import io.uloop.connection.ConnectionHandler;
import io.uloop.connection.TlsIdentity;
import io.uloop.connection.TlsOptions;
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Frames respect pauses, ends and STARTTLS in the middle of received bytes. */
class FrameFlowTest extends EachFraming {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final Lines lines = Lines.upTo(100);

    @ParameterizedTest
    @EnumSource(Stream.class)
    void framesBehindAPauseAreDeliveredAfterIt(Stream stream) throws IOException {
        framed.action = (connection, frame) -> connection.pauseReading();
        open(stream, lines);
        send("one\ntwo\nthree\nfo");
        assertFrames("one");
        send("ur\nfive\n");
        assertFrames("one");
        framed.connection.resumeReading();
        assertFrames("one", "two");
        framed.connection.resumeReading();
        framed.connection.pauseReading();
        assertFrames("one", "two");
        framed.connection.resumeReading();
        framed.connection.pauseReading();
        framed.connection.resumeReading();
        assertFrames("one", "two", "three");
        framed.action = (connection, frame) -> {};
        framed.connection.resumeReading();
        framed.connection.resumeReading();
        assertFrames("one", "two", "three", "four", "five");
    }

    @ParameterizedTest
    @EnumSource(Stream.class)
    void endFollowsTheFramesBehindAPause(Stream stream) throws IOException {
        framed.action = (connection, frame) -> connection.pauseReading();
        open(stream, lines);
        send("one\ntwo\n");
        peer.connection.close();
        assertFrames("one");
        framed.connection.resumeReading();
        assertFrames("one", "two");
        assertThat(framed.inputClosed).isZero();
        framed.connection.resumeReading();
        runUntil(() -> framed.isClosed);
        assertThat(framed.inputClosed).isEqualTo(1);
        assertThat(framed.cause).isNull();
    }

    @Test
    void pauseAndResumeInAFrameChangeNothing() throws IOException {
        framed.action =
                (connection, frame) -> {
                    connection.pauseReading();
                    connection.resumeReading();
                };
        open(Stream.TLS, lines);
        send("one\ntwo\nthree\n");
        assertFrames("one", "two", "three");
        framed.connection.pauseReading();
        send("four\nfive\n");
        assertFrames("one", "two", "three");
        framed.connection.resumeReading();
        assertFrames("one", "two", "three", "four", "five");
    }

    /** The rest is kept, and the handler pauses and resumes while it gets it. */
    @Test
    void pauseAndResumeDuringALaterDeliveryChangeNothing() throws IOException {
        framed.action = (connection, frame) -> connection.pauseReading();
        open(Stream.TCP, lines);
        send("one\ntwo\nthree\n");
        assertFrames("one");
        framed.action =
                (connection, frame) -> {
                    connection.pauseReading();
                    connection.resumeReading();
                };
        framed.connection.resumeReading();
        assertFrames("one", "two", "three");
        send("four\n");
        assertFrames("one", "two", "three", "four");
    }

    @Test
    void writesDuringADeliveryAfterAPauseKeepTheOrder() throws IOException {
        framed.action = (connection, frame) -> connection.pauseReading();
        open(Stream.TLS, lines);
        send("one\ntwo\nthree\n");
        framed.action = (connection, frame) -> lines.write(connection, frame);
        framed.connection.resumeReading();
        assertFrames("one", "two", "three");
        runUntil(() -> peer.received.toString().equals("two\nthree\n"));
    }

    @ParameterizedTest
    @EnumSource(Stream.class)
    void closeInAFrameStopsTheOthers(Stream stream) throws IOException {
        framed.action = (connection, frame) -> connection.close();
        open(stream, lines);
        send("one\ntwo\nthr");
        peer.connection.close();
        runUntil(() -> framed.isClosed);
        assertThat(framed.frames).containsExactly("one");
        assertThat(framed.inputClosed).isZero();
        assertThat(framed.cause).isNull();
    }

    @ParameterizedTest
    @EnumSource(Stream.class)
    void abortInAFrameStopsTheOthers(Stream stream) throws IOException {
        framed.action = (connection, frame) -> connection.abort();
        open(stream, lines);
        send("one\ntwo\nthree\n");
        runUntil(() -> framed.isClosed);
        assertThat(framed.frames).containsExactly("one");
        assertThat(framed.cause).isNull();
    }

    @Test
    void closeWhilePausedDropsTheRest() throws IOException {
        framed.action = (connection, frame) -> connection.pauseReading();
        open(Stream.TCP, lines);
        send("one\ntwo\nthree\n");
        framed.connection.resumeReading();
        framed.connection.close();
        peer.connection.close();
        runUntil(() -> framed.isClosed);
        assertThat(framed.frames).containsExactly("one");
        assertThat(framed.cause).isNull();
    }

    @Test
    void exceptionInAFrameStopsTheOthers() throws IOException {
        framed.action =
                (connection, frame) -> {
                    throw new IOException("refused: " + frame);
                };
        open(Stream.TCP, lines);
        send("one\ntwo\n");
        runUntil(() -> framed.isClosed);
        assertThat(framed.frames).containsExactly("one");
        assertThat(framed.cause).hasMessage("refused: one");
        assertThat(failures).containsExactly((Exception) framed.cause);
        failures.clear();
    }

    /** A peer that violates the format is no failure of the program. */
    @Test
    void violationIsNotReportedToTheErrorHandler() throws IOException {
        open(Stream.TCP, lines);
        send("x".repeat(101));
        assertEndsBy(ProtocolException.class, "101 bytes");
        assertThat(failures).isEmpty();
    }

    @Test
    void violationBehindAPauseIsFoundAfterIt() throws IOException {
        framed.action = (connection, frame) -> connection.pauseReading();
        open(Stream.TCP, lines);
        send("one\n" + "x".repeat(101) + "\n");
        assertThat(framed.isClosed).isFalse();
        framed.connection.resumeReading();
        assertEndsBy(ProtocolException.class, "101 bytes");
    }

    @ParameterizedTest
    @EnumSource(Stream.class)
    void handlerMayChangeTheBufferOfItsFrame(Stream stream) throws IOException {
        List<Integer> numbers = new ArrayList<>();
        FrameHandler handler =
                (connection, frame) -> {
                    assertThat(frame.order()).isEqualTo(ByteOrder.BIG_ENDIAN);
                    numbers.add(frame.getInt(frame.position()));
                    frame.clear().order(ByteOrder.LITTLE_ENDIAN);
                };
        LengthPrefix frames = LengthPrefix.littleEndian(2, 4);
        open(stream, frames.handler(handler));
        send("\4\0\0\0\0\1\4\0\0\0\0\2\4\0\0\0");
        send("\0\3\4\0\0\0\0\4");
        runUntil(() -> numbers.size() == 4);
        assertThat(numbers).containsExactly(1, 2, 3, 4);
        peer.connection.close();
        runUntil(() -> peer.isClosed);
    }

    /** A frame that is whole in the received bytes is a part of them, not a copy. */
    @Test
    void wholeFramesTakeNoMemory() throws IOException {
        List<Boolean> direct = new ArrayList<>();
        long[] held = new long[1];
        FrameHandler handler =
                (connection, frame) -> {
                    direct.add(frame.isDirect());
                    held[0] = Math.max(held[0], loop.metrics().bufferedBytes());
                };
        open(Stream.TCP, lines.handler(handler));
        send("one\ntwo\r\n\nthree\n");
        runUntil(() -> direct.size() == 4);
        assertThat(direct).containsOnly(true);
        assertThat(held[0]).isZero();
        peer.connection.close();
        runUntil(() -> peer.isClosed);
    }

    @Test
    void handlerOfAnotherConnectionIsRejected() throws IOException {
        ConnectionHandler handler = lines.handler(framed);
        open(Stream.TCP, handler);
        Connection first = peer.connection;
        open(Stream.TCP, handler);
        runUntil(() -> framed.isClosed);
        assertThat(framed.cause)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("call Framing.handler for each");
        failures.clear();
        framed.connection.abort();
        framed.isClosed = false;
        runUntil(() -> framed.isClosed);
        first.abort();
    }

    @Test
    void rejectedConnectionKeepsTheUnfinishedFrameOfTheOther() throws IOException {
        ConnectionHandler handler = lines.handler(framed);
        open(Stream.TCP, handler);
        send("unfin");
        Connection first = peer.connection;
        open(Stream.TCP, handler);
        runUntil(() -> framed.isClosed);
        failures.clear();
        framed.isClosed = false;
        first.write(raw("ished\n"));
        assertFrames("unfinished");
        first.close();
        runUntil(() -> framed.isClosed);
    }

    // STARTTLS

    private final TlsOptions serverTls = TlsOptions.server(TlsIdentity.get().context).build();
    private final TlsOptions clientTls =
            TlsOptions.client(TlsIdentity.get().context, "one.example", 443).build();

    /** Sends a command, the start of the handshake and a line behind it without waiting. */
    private void sendCommandAndHandshake() throws IOException {
        peer.connection.write(raw("STARTTLS\n"));
        peer.connection.startTls(clientTls, NOTHING);
        peer.connection.write(raw("secret\n"));
    }

    private void startTlsAt(String command) {
        framed.action =
                (connection, frame) -> {
                    if (frame.equals(command)) {
                        connection.startTls(serverTls, NOTHING);
                    }
                };
    }

    @Test
    void bytesBehindTheCommandBelongToTheHandshake() throws IOException {
        startTlsAt("STARTTLS");
        open(Stream.TCP, lines);
        framed.connection.pauseReading(); // so that one read takes the command and the handshake
        send("EHLO\n");
        sendCommandAndHandshake();
        framed.connection.resumeReading();
        assertFrames("EHLO", "STARTTLS", "secret");
        assertThat(framed.secured).isEqualTo(1);
        lines.write(framed.connection, "hello");
        runUntil(() -> peer.received.toString().equals("hello\n"));
    }

    @Test
    void bytesBehindACommandInTwoPartsBelongToTheHandshake() throws IOException {
        startTlsAt("STARTTLS");
        open(Stream.TCP, lines);
        send("START");
        framed.connection.pauseReading(); // so that one read takes the rest and the handshake
        peer.connection.write(raw("TLS\r\n"));
        peer.connection.startTls(clientTls, NOTHING);
        peer.connection.write(raw("secret\n"));
        settle();
        framed.connection.resumeReading();
        assertFrames("STARTTLS", "secret");
        assertThat(framed.secured).isEqualTo(1);
    }

    @Test
    void handshakeMayStartLaterIfReadingIsPaused() throws IOException {
        framed.action = (connection, frame) -> connection.pauseReading();
        open(Stream.TCP, lines);
        framed.connection.pauseReading();
        sendCommandAndHandshake();
        settle();
        framed.connection.resumeReading();
        assertFrames("STARTTLS");
        framed.connection.startTls(serverTls, NOTHING);
        runUntil(() -> framed.secured == 1);
        framed.action = (connection, frame) -> {};
        framed.connection.resumeReading();
        assertFrames("STARTTLS", "secret");
    }

    @Test
    void handshakeMayStartInAFrameAfterAPause() throws IOException {
        framed.action = (connection, frame) -> connection.pauseReading();
        open(Stream.TCP, lines);
        framed.connection.pauseReading();
        send("EHLO\n");
        sendCommandAndHandshake();
        settle();
        framed.connection.resumeReading();
        assertFrames("EHLO");
        startTlsAt("STARTTLS");
        framed.connection.resumeReading();
        assertFrames("EHLO", "STARTTLS", "secret");
    }

    /** Plain lines that an attacker has added must not count as encrypted ones. */
    @Test
    void plainBytesBehindTheCommandFailTheHandshake() throws IOException {
        startTlsAt("STARTTLS");
        open(Stream.TCP, lines);
        send("STARTTLS\nRESET\n");
        runUntil(() -> framed.isClosed);
        assertThat(framed.cause).isInstanceOf(SSLException.class);
        assertThat(framed.frames).containsExactly("STARTTLS");
    }

    /** The handler has not paused, so a part of a plain line would be joined with the secret. */
    @Test
    void plainPartOfALineIsNotJoinedWithEncryptedBytes() throws IOException {
        open(Stream.TCP, lines);
        send("STARTTLS\nRCPT ");
        assertFrames("STARTTLS");
        framed.connection.startTls(serverTls, NOTHING);
        peer.connection.startTls(clientTls, NOTHING);
        peer.connection.write(raw("secret\n"));
        runUntil(() -> framed.isClosed);
        assertThat(framed.cause)
                .isExactlyInstanceOf(ProtocolException.class)
                .hasMessageContaining("TLS was started after 5 bytes of an unfinished line");
        assertThat(framed.frames).containsExactly("STARTTLS");
        assertThat(framed.secured).isZero();
    }
}
