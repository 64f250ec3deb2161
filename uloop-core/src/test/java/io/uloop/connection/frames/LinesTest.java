package io.uloop.connection.frames;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.EOFException;
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Lines end where they should, and hostile ones end their connection. */
class LinesTest extends EachFraming {
    private final Lines lines = Lines.upTo(20);

    @Test
    void lineEndsByLfOrByCrAndLf() throws IOException {
        open(Stream.TCP, lines);
        send("one\ntwo\r\n\n\r\nfive\n");
        assertFrames("one", "two", "", "", "five");
    }

    @Test
    void loneCrAndControlCharactersBelongToTheirLine() throws IOException {
        open(Stream.TCP, lines);
        send("a\rb\n\0\u0085\u00ff\n\r\r\n\ra\r\n");
        assertFrames("a\rb", "\0\u0085\u00ff", "\r", "\ra");
    }

    @Test
    void singleBytesMakeLines() throws IOException {
        open(Stream.TCP, lines);
        for (char each : "one\r\n\ntw\ro\n".toCharArray()) {
            send(String.valueOf(each));
        }
        assertFrames("one", "", "tw\ro");
        assertThat(loop.metrics().bufferedBytes()).isZero();
    }

    @Test
    void lineFeedIsFoundAtEachPlace() {
        for (int length = 0; length < 40; length++) {
            for (int place = 0; place <= length; place++) {
                byte[] bytes = new byte[length + 1];
                java.util.Arrays.fill(bytes, (byte) (length % 2 == 0 ? 0x8A : 0x0B));
                bytes[place] = '\n';
                bytes[length] = '\n'; // behind the searched part, or a second one
                ByteBuffer buffer = ByteBuffer.wrap(bytes);
                assertThat(LineFeeds.indexOf(buffer, 0, length)).isEqualTo(place);
                if (place > 0) {
                    assertThat(LineFeeds.indexOf(buffer, 1, length)).isEqualTo(place);
                }
            }
        }
    }

    @Test
    void longestLineIsDelivered() throws IOException {
        String longest = "x".repeat(20);
        open(Stream.TCP, lines);
        send(longest + "\n" + longest + "\r\n");
        send(longest + "\r");
        send("\n");
        assertFrames(longest, longest, longest);
    }

    @Test
    void tooLongLineEndsTheConnectionWithTheLengthAndTheLimit() throws IOException {
        open(Stream.TCP, lines);
        send("ok\n" + "x".repeat(21) + "\nmore\n");
        assertEndsBy(
                ProtocolException.class, "Connection[fd=", "a line of 21 bytes; the limit is 20");
        assertThat(framed.frames).containsExactly("ok");
    }

    @Test
    void lineWithoutEndEndsTheConnection() throws IOException {
        open(Stream.TLS, lines);
        send("x".repeat(20));
        assertThat(framed.isClosed).isFalse();
        send("x");
        assertEndsBy(ProtocolException.class, "a line of at least 21 bytes; the limit is 20");
        runUntil(() -> peer.isClosed);
    }

    @Test
    void crBehindTheLongestLineMustBeFollowedByLf() throws IOException {
        open(Stream.TCP, lines);
        send("x".repeat(20) + "\r");
        assertThat(framed.isClosed).isFalse();
        send("\r\n");
        assertEndsBy(ProtocolException.class, "a line of 21 bytes");
    }

    @Test
    void emptyLinesAreTheOnlyOnesUpToZeroBytes() throws IOException {
        open(Stream.TCP, Lines.upTo(0));
        send("\n\r\n");
        send("\r");
        send("\n");
        assertFrames("", "", "");
        send("x");
        assertEndsBy(ProtocolException.class, "at least 1 bytes; the limit is 0");
    }

    @Test
    void negativeLimitIsRejected() {
        assertThatThrownBy(() -> Lines.upTo(-1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("-1");
        assertThat(Lines.upTo(7).crlf().acceptUnfinished().maxBytes()).isEqualTo(7);
    }

    @Test
    void lineWithoutLimitOfItsFormatArrives() throws IOException {
        open(Stream.TCP, Lines.upTo(Integer.MAX_VALUE));
        String line = "x".repeat(300_000);
        send(line + "\r\n");
        assertFrames(line);
    }

    // The end of the stream

    @Test
    void unfinishedLineAtTheEndIsAnError() throws IOException {
        open(Stream.TCP, lines);
        send("one\ntw");
        peer.connection.shutdownOutput();
        assertEndsBy(EOFException.class, "ended after 2 bytes of an unfinished line");
        assertThat(framed.frames).containsExactly("one");
    }

    @Test
    void unfinishedLineAtTheEndIsDeliveredIfAccepted() throws IOException {
        open(Stream.TCP, lines.acceptUnfinished());
        send("one\ntwo\r");
        peer.connection.shutdownOutput();
        runUntil(() -> framed.isClosed);
        assertThat(framed.frames).containsExactly("one", "two");
        assertThat(framed.inputClosed).isEqualTo(1);
        assertThat(framed.cause).isNull();
    }

    @Test
    void finishedLinesAndTheEndAreNoError() throws IOException {
        open(Stream.PIPE, lines.acceptUnfinished());
        send("one\n");
        peer.connection.close();
        runUntil(() -> framed.isClosed);
        assertThat(framed.frames).containsExactly("one");
        assertThat(framed.inputClosed).isEqualTo(1);
        assertThat(framed.cause).isNull();
    }

    @Test
    void pauseInTheUnfinishedLineDelaysTheEnd() throws IOException {
        for (Stream stream : List.of(Stream.TCP, Stream.TLS)) {
            framed.frames.clear();
            framed.connection = null;
            framed.isClosed = false;
            framed.inputClosed = 0;
            peer.connection = null;
            framed.action = (connection, line) -> connection.pauseReading();
            open(stream, lines.acceptUnfinished());
            send("last");
            peer.connection.shutdownOutput();
            assertFrames("last");
            assertThat(framed.inputClosed).isZero();
            framed.connection.resumeReading();
            runUntil(() -> framed.isClosed);
            assertThat(framed.inputClosed).isEqualTo(1);
            assertThat(framed.cause).isNull();
        }
    }

    @Test
    void closeInTheUnfinishedLineSkipsTheEnd() throws IOException {
        framed.action = (connection, line) -> connection.close();
        open(Stream.TCP, lines.acceptUnfinished());
        send("last");
        peer.connection.shutdownOutput();
        runUntil(() -> framed.isClosed);
        assertThat(framed.inputClosed).isZero();
        assertThat(framed.cause).isNull();
    }

    // Strings and writes

    @Test
    void lineHandlerGetsStringsInUtf8() throws IOException {
        List<String> received = new ArrayList<>();
        LineHandler handler = (connection, line) -> received.add(line);
        open(Stream.TCP, lines.handler(handler));
        ByteBuffer bytes =
                ByteBuffer.wrap("gr\u00fc\u00df \u20ac\n\n".getBytes(StandardCharsets.UTF_8));
        peer.connection.write(bytes);
        send("\u00ff\n");
        runUntil(() -> received.size() == 3);
        assertThat(received).containsExactly("gr\u00fc\u00df \u20ac", "", "\ufffd");
        peer.connection.close();
        runUntil(() -> peer.isClosed);
    }

    @Test
    void writtenLinesEndAsChosen() throws IOException {
        open(Stream.TCP, lines);
        assertThat(lines.write(framed.connection, "gr\u00fc\u00df")).isTrue();
        lines.write(framed.connection, "");
        Lines crlf = lines.crlf();
        crlf.write(framed.connection, "two");
        ByteBuffer part = raw("<three>");
        crlf.write(framed.connection, part.position(1).limit(6));
        assertThat(part.hasRemaining()).isFalse();
        String expected = "gr\u00c3\u00bc\u00c3\u009f\n\ntwo\r\nthree\r\n";
        runUntil(() -> peer.received.length() == expected.length());
        assertThat(peer.received).hasToString(expected);
    }

    /** The limit is that of the peer's lines, and answers may be longer. */
    @Test
    void writtenLineMayBeLonger() throws IOException {
        open(Stream.TCP, lines);
        lines.write(framed.connection, "x".repeat(1000));
        runUntil(() -> peer.received.length() == 1001);
    }

    @Test
    void lineFeedInAWrittenLineIsRejected() throws IOException {
        open(Stream.TCP, lines);
        assertThatThrownBy(() -> lines.write(framed.connection, "one\ntwo"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("a line feed after 3 bytes");
        lines.write(framed.connection, "three");
        runUntil(() -> peer.received.length() == 6);
        assertThat(peer.received).hasToString("three\n");
    }

    @Test
    void writeOnAnotherThreadIsRejected() throws Exception {
        open(Stream.TCP, lines);
        onAnotherThreadWhileTheLoopRuns(
                () ->
                        assertThatThrownBy(() -> lines.write(framed.connection, "x"))
                                .isInstanceOf(IllegalStateException.class));
    }
}
