package io.uloop.connection.frames;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.uloop.connection.Connection;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Random frames in random pieces arrive whole and in order, also if the handler pauses and resumes
 * at random, and so do the answers. {@code -Duloop.frames.seed} repeats one case, and {@code
 * -Duloop.frames.cases} runs another number of them.
 */
class FrameFuzzTest extends EachFraming {
    private static final int CASES = Integer.getInteger("uloop.frames.cases", 40);
    private static final Long ONLY = Long.getLong("uloop.frames.seed");
    private static final int LIMIT = 200_000;

    /** Answers each frame with the same one, and pauses. */
    private final class Echo extends Recorder {
        private final Framing framing;
        private final Random random;
        private final boolean answers;
        private final int pauses; // one frame of so many
        private boolean paused;

        Echo(Framing framing, Random random, boolean answers) {
            this.framing = framing;
            this.random = random;
            this.answers = answers;
            pauses = 1 + random.nextInt(10);
        }

        @Override
        public void frame(Connection by, ByteBuffer frame) throws Exception {
            assertThat(paused).isFalse();
            super.frame(by, frame.duplicate());
            if (answers && !framing.write(by, frame)) {
                pause(by);
            } else if (random.nextInt(pauses) == 0) {
                pause(by);
                if (random.nextInt(4) == 0) {
                    resume(by);
                } else {
                    resumeLater(by);
                }
            }
        }

        private void pause(Connection by) {
            paused = true;
            by.pauseReading();
        }

        private void resume(Connection by) {
            paused = false;
            by.resumeReading();
        }

        private void resumeLater(Connection by) {
            loop.callSoon(
                    () -> {
                        if (random.nextInt(3) == 0) {
                            resumeLater(by);
                        } else {
                            resume(by);
                        }
                    });
        }

        @Override
        public void writable(Connection by) {
            if (paused) {
                resume(by);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Stream.class)
    void randomFramesInRandomPiecesArriveInOrder(Stream stream) throws IOException {
        if (ONLY != null) {
            assertArrives(stream, ONLY);
            return;
        }
        for (long seed = 1; seed <= CASES; seed++) {
            assertArrives(stream, seed);
        }
    }

    private void assertArrives(Stream stream, long seed) throws IOException {
        Random random = new Random(seed);
        Framing framing = framing(random);
        List<String> frames = frames(random, framing);
        StringBuilder wire = new StringBuilder();
        StringBuilder answers = new StringBuilder();
        for (String frame : frames) {
            wire.append(encode(framing, frame, random.nextBoolean()));
            answers.append(encode(framing, frame, false));
        }
        Echo echo = new Echo(framing, random, stream != Stream.PIPE);
        peer.connection = null;
        peer.received.setLength(0);
        open(stream, framing.handler(echo));
        runUntil(() -> echo.connection != null);
        sendInPieces(random, wire.toString());
        peer.connection.shutdownOutput();
        runUntil(() -> echo.isClosed);
        assertThat(echo.cause).as("seed %d, %s", seed, framing).isNull();
        assertThat(echo.frames).as("seed %d, %s", seed, framing).isEqualTo(frames);
        assertThat(echo.inputClosed).isEqualTo(1);
        if (stream != Stream.PIPE) {
            runUntil(() -> peer.received.length() >= answers.length());
            assertThat(peer.received.toString().equals(answers.toString()))
                    .as("answers of seed %d, %s", seed, framing)
                    .isTrue();
        }
        peer.connection.abort();
        settle();
    }

    private void sendInPieces(Random random, String wire) throws IOException {
        byte[] bytes = wire.getBytes(ISO_8859_1);
        int most = wire.length() < 500 && random.nextBoolean() ? 1 : 1 << random.nextInt(17);
        most = Math.max(most, bytes.length / 500);
        for (int sent = 0; sent < bytes.length; ) {
            int count = Math.min(1 + random.nextInt(most), bytes.length - sent);
            peer.connection.write(ByteBuffer.wrap(bytes, sent, count));
            sent += count;
            for (int turns = random.nextInt(4); turns > 0; turns--) {
                loop.runOnce(0);
            }
        }
    }

    private static Framing framing(Random random) {
        int prefix = 1 + random.nextInt(4);
        int limit = prefix == 1 ? 200 : prefix == 2 ? 60_000 : LIMIT;
        LengthPrefix lengths =
                switch (random.nextInt(3)) {
                    case 0 -> LengthPrefix.bigEndian(prefix, limit);
                    case 1 -> LengthPrefix.littleEndian(prefix, limit);
                    default -> LengthPrefix.varint(limit);
                };
        return switch (random.nextInt(5)) {
            case 0, 1 -> Lines.upTo(limit);
            case 2, 3 -> lengths;
            default -> lengths.countingItself();
        };
    }

    /** Returns many small frames, or few large ones, or both. */
    private static List<String> frames(Random random, Framing framing) {
        List<String> frames = new ArrayList<>();
        int count = random.nextInt(200);
        int largest = 1 << (4 + random.nextInt(8));
        for (int i = 0; i < count; i++) {
            int bound = random.nextInt(100) == 0 ? framing.maxBytes() : largest;
            int length = random.nextInt(Math.min(bound, framing.maxBytes()) + 1);
            frames.add(frame(random, framing, length));
        }
        return frames;
    }

    private static String frame(Random random, Framing framing, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        for (int i = 0; i < length && framing instanceof Lines; i++) {
            if (bytes[i] == '\n' || (i == length - 1 && bytes[i] == '\r')) {
                bytes[i] = 0;
            } else if (bytes[i] == 'r') {
                bytes[i] = '\r';
            }
        }
        if (framing instanceof Lines && length > 0 && bytes[length - 1] == '\r') {
            bytes[length - 1] = 'r';
        }
        return new String(bytes, ISO_8859_1);
    }

    /** Encodes a frame independently of the code under test. */
    private static String encode(Framing framing, String frame, boolean crlf) {
        if (framing instanceof Lines) {
            return frame + (crlf ? "\r\n" : "\n");
        }
        String format = framing.toString();
        boolean itself = format.contains("counts itself");
        StringBuilder prefix = new StringBuilder();
        if (format.contains("VARINT")) {
            int length = frame.length();
            for (int size = 1; itself && length < frame.length() + size; ) {
                length = frame.length() + size;
                size = length < 1 << 7 ? 1 : length < 1 << 14 ? 2 : 3;
            }
            for (; length >= 128; length /= 128) {
                prefix.append((char) (length % 128 + 128));
            }
            return prefix.append((char) length) + frame;
        }
        int size = Integer.parseInt(format.replaceAll(".*, (\\d) bytes.*", "$1"));
        int length = frame.length() + (itself ? size : 0);
        for (int i = 0; i < size; i++) {
            prefix.append((char) (length >> (8 * i) & 0xFF));
        }
        return (format.contains("BIG") ? prefix.reverse() : prefix) + frame;
    }
}
