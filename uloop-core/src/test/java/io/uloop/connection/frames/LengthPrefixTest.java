package io.uloop.connection.frames;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.EOFException;
import java.io.IOException;
import java.net.ProtocolException;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Lengths are read and written in each format, and hostile ones end their connection. */
class LengthPrefixTest extends EachFraming {
    private static final String KIB = "x".repeat(1024);

    private record Case(LengthPrefix format, String frame, String wire) {}

    private static final List<Case> CASES =
            List.of(
                    new Case(LengthPrefix.bigEndian(1, 255), "abc", "\3abc"),
                    new Case(LengthPrefix.bigEndian(1, 255), "", "\0"),
                    new Case(
                            LengthPrefix.bigEndian(1, 255),
                            KIB.substring(0, 255),
                            "\u00ff" + KIB.substring(0, 255)),
                    new Case(LengthPrefix.bigEndian(2, 2000), KIB, "\4\0" + KIB),
                    new Case(LengthPrefix.bigEndian(3, 2000), KIB, "\0\4\0" + KIB),
                    new Case(LengthPrefix.bigEndian(4, 2000), KIB, "\0\0\4\0" + KIB),
                    new Case(LengthPrefix.littleEndian(1, 255), "abc", "\3abc"),
                    new Case(LengthPrefix.littleEndian(2, 2000), KIB, "\0\4" + KIB),
                    new Case(LengthPrefix.littleEndian(3, 2000), KIB, "\0\4\0" + KIB),
                    new Case(LengthPrefix.littleEndian(4, 2000), KIB, "\0\4\0\0" + KIB),
                    new Case(LengthPrefix.varint(2000), "abc", "\3abc"),
                    new Case(LengthPrefix.varint(2000), "", "\0"),
                    new Case(LengthPrefix.varint(2000), KIB, "\u0080\10" + KIB),
                    new Case(
                            LengthPrefix.varint(127),
                            KIB.substring(0, 127),
                            "\177" + KIB.substring(0, 127)),
                    new Case(LengthPrefix.bigEndian(1, 9).countingItself(), "abc", "\4abc"),
                    new Case(LengthPrefix.bigEndian(4, 9).countingItself(), "", "\0\0\0\4"),
                    new Case(LengthPrefix.littleEndian(2, 9).countingItself(), "abc", "\5\0abc"),
                    new Case(LengthPrefix.varint(9).countingItself(), "abc", "\4abc"),
                    new Case(
                            LengthPrefix.varint(200).countingItself(),
                            KIB.substring(0, 126),
                            "\177" + KIB.substring(0, 126)),
                    new Case(
                            LengthPrefix.varint(200).countingItself(),
                            KIB.substring(0, 127),
                            "\u0081\1" + KIB.substring(0, 127)));

    @Test
    void frameIsReadAndWrittenInEachFormat() throws IOException {
        for (Case each : CASES) {
            Recorder handler = new Recorder();
            peer.received.setLength(0);
            open(Stream.TCP, each.format().handler(handler));
            runUntil(() -> handler.connection != null);
            send(each.wire());
            runUntil(() -> handler.frames.size() == 1);
            assertThat(handler.frames).as(each.toString()).containsExactly(each.frame());
            each.format().write(handler.connection, raw(each.frame()));
            runUntil(() -> peer.received.length() >= each.wire().length());
            assertThat(peer.received).as(each.toString()).hasToString(each.wire());
            handler.connection.abort();
            runUntil(() -> handler.isClosed && peer.isClosed);
            peer.isClosed = false;
        }
    }

    @Test
    void singleBytesMakeFrames() throws IOException {
        open(Stream.TCP, LengthPrefix.bigEndian(2, 100));
        for (char each : "\0\3abc\0\0\0\1d".toCharArray()) {
            send(String.valueOf(each));
        }
        assertFrames("abc", "", "d");
        assertThat(loop.metrics().bufferedBytes()).isZero();
    }

    @Test
    void zeroLengthFramesAreDelivered() throws IOException {
        open(Stream.TCP, LengthPrefix.bigEndian(4, 0));
        send("\0\0\0\0".repeat(1000));
        runUntil(() -> framed.frames.size() == 1000);
        send("\0\0\0\1");
        assertEndsBy(ProtocolException.class, "a frame of 1 bytes; the limit is 0");
    }

    // Hostile lengths

    @Test
    void hugeLengthEndsTheConnectionWithTheLengthAndTheLimit() throws IOException {
        open(Stream.TCP, LengthPrefix.bigEndian(4, 1 << 20));
        send("\0\0\0\2ok\u00ff\u00ff\u00ff\u00ff");
        assertEndsBy(
                ProtocolException.class,
                "Connection[fd=",
                "announced a frame of 4294967295 bytes; the limit is 1048576");
        assertThat(framed.frames).containsExactly("ok");
        runUntil(() -> peer.isClosed);
    }

    @Test
    void announcedBytesTakeNoMemory() throws IOException {
        open(Stream.TCP, LengthPrefix.bigEndian(4, Integer.MAX_VALUE));
        send("\177\u00ff\u00ff\u00ff");
        assertThat(loop.metrics().bufferedBytes()).isZero();
        send("four");
        assertThat(framed.isClosed).isFalse();
        assertThat(loop.metrics().bufferedBytes()).isBetween(4L, 512L);
    }

    @Test
    void memoryGrowsWithTheBytes() throws IOException {
        open(Stream.TCP, LengthPrefix.bigEndian(4, Integer.MAX_VALUE));
        send("\177\u00ff\u00ff\u00ff");
        for (int sent = 16 << 10; sent <= 1 << 20; sent += 16 << 10) {
            send(KIB.repeat(16));
            assertThat(loop.metrics().bufferedBytes()).isLessThanOrEqualTo(2L * sent + (18 << 10));
        }
        assertThat(loop.metrics().bufferedBytes()).isGreaterThanOrEqualTo(1 << 20);
    }

    @Test
    void memoryIsReleasedWithTheFrame() throws IOException {
        open(Stream.TCP, LengthPrefix.varint(1 << 20));
        send("\u0080\u0080\20" + KIB.repeat(100));
        assertThat(loop.metrics().bufferedBytes()).isGreaterThan(100 << 10);
        send(KIB.repeat(156));
        assertFrames(KIB.repeat(256));
        assertThat(loop.metrics().bufferedBytes()).isZero();
    }

    @Test
    void tooLongVarintEndsTheConnection() throws IOException {
        open(Stream.TCP, LengthPrefix.varint(100));
        send("\u0080\u0080\u0080\u0080\u0080");
        assertEndsBy(ProtocolException.class, "a length of more than 5 bytes");
    }

    @Test
    void varintOfMoreThan32BitsEndsTheConnection() throws IOException {
        open(Stream.TCP, LengthPrefix.varint(Integer.MAX_VALUE));
        send("\u00ff\u00ff\u00ff\u00ff\177");
        assertEndsBy(ProtocolException.class, "34359738367 bytes; the limit is 2147483647");
    }

    @Test
    void varintMayHaveMoreBytesThanItNeeds() throws IOException {
        open(Stream.TCP, LengthPrefix.varint(100));
        send("\u0083\u0080\u0080\u0080\0abc\u0080\0");
        assertFrames("abc", "");
    }

    @Test
    void lengthBelowItsOwnSizeEndsTheConnection() throws IOException {
        open(Stream.TCP, LengthPrefix.bigEndian(4, 100).countingItself());
        send("\0\0\0\3");
        assertEndsBy(ProtocolException.class, "the length 3, which is less than its own 4 bytes");
    }

    @Test
    void endInsideALengthIsAnError() throws IOException {
        open(Stream.TCP, LengthPrefix.bigEndian(4, 100));
        send("\0\0");
        peer.connection.shutdownOutput();
        assertEndsBy(EOFException.class, "ended after 2 bytes of a length");
    }

    @Test
    void endInsideAFrameIsAnError() throws IOException {
        open(Stream.TLS, LengthPrefix.bigEndian(1, 100));
        send("\3ok!\4no");
        peer.connection.shutdownOutput();
        assertEndsBy(EOFException.class, "TlsConnection", "2 of the 4 bytes of a frame");
        assertThat(framed.frames).containsExactly("ok!");
    }

    @Test
    void endBehindALengthIsAnError() throws IOException {
        open(Stream.TCP, LengthPrefix.bigEndian(1, 100));
        send("\4");
        peer.connection.shutdownOutput();
        assertEndsBy(EOFException.class, "0 of the 4 bytes of a frame");
    }

    // Arguments

    @Test
    void formatThatCannotRepresentItsLimitIsRejected() {
        List<Supplier<LengthPrefix>> wrong =
                List.of(
                        () -> LengthPrefix.bigEndian(0, 1),
                        () -> LengthPrefix.littleEndian(5, 1),
                        () -> LengthPrefix.bigEndian(1, 256),
                        () -> LengthPrefix.littleEndian(2, 65536),
                        () -> LengthPrefix.bigEndian(1, 255).countingItself(),
                        () -> LengthPrefix.varint(-1));
        for (Supplier<LengthPrefix> each : wrong) {
            assertThatThrownBy(each::get).isInstanceOf(IllegalArgumentException.class);
        }
        assertThat(LengthPrefix.bigEndian(1, 254).countingItself().maxBytes()).isEqualTo(254);
        assertThat(LengthPrefix.bigEndian(4, Integer.MAX_VALUE).countingItself().maxBytes())
                .isEqualTo(Integer.MAX_VALUE);
    }

    @Test
    void frameThatTheLengthCannotRepresentIsRejected() throws IOException {
        LengthPrefix frames = LengthPrefix.bigEndian(1, 10);
        open(Stream.TCP, frames);
        assertThatThrownBy(() -> frames.write(framed.connection, raw("x".repeat(256))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("256 bytes")
                .hasMessageContaining("at most 255");
        frames.write(framed.connection, raw("x".repeat(255)));
        runUntil(() -> peer.received.length() == 256);
        assertThat(peer.received).startsWith("\u00ffx");
    }
}
