package io.uloop.connection;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A buffer may occur several times in one write, such as a line separator between parts. */
class GatheredWritesTest extends EachTlsConnection {
    private final StringBuilder expected = new StringBuilder();

    private static ByteBuffer of(boolean direct, String text) {
        ByteBuffer bytes =
                direct
                        ? ByteBuffer.allocateDirect(text.length())
                        : ByteBuffer.allocate(text.length());
        return bytes.put(text.getBytes(US_ASCII)).flip();
    }

    /**
     * Writes messages with repeated parts, small ones and ones that exceed the kernel's buffers.
     */
    private void writeMessages(int... bodies) {
        for (boolean direct : new boolean[] {false, true}) {
            for (int bodyBytes : bodies) {
                ByteBuffer outside = of(direct, "outside");
                ByteBuffer line = of(direct, "\r\n");
                String text = "b".repeat(bodyBytes);
                ByteBuffer body = of(direct, text);
                ByteBuffer head = of(direct, "head");
                ByteBuffer[] message = {outside, head, line, body, line, line, body, line, outside};
                client.connection.write(message, 1, 7);
                expected.append("head\r\n" + text + "\r\n\r\n" + text + "\r\n");
                assertThat(outside.position()).isZero();
                for (int i = 1; i < 8; i++) {
                    assertThat(message[i].hasRemaining()).isFalse();
                }
            }
            ByteBuffer[] many = new ByteBuffer[3000];
            Arrays.fill(many, of(direct, "ab"));
            client.connection.write(many, 0, many.length);
            expected.append("ab".repeat(many.length));
        }
    }

    private void assertAllArrives() throws IOException {
        runUntil(() -> server.received.length() >= expected.length());
        assertThat(server.received.compareTo(expected) == 0).isTrue();
        assertThat(client.connection.pendingBytes()).isZero();
    }

    @Test
    void repeatedBuffersAreSentEachTime() throws IOException {
        open();
        writeMessages(4, 3_000_000);
        assertAllArrives();
    }

    @ParameterizedTest
    @ValueSource(strings = {TLS_1_2, TLS_1_3})
    void repeatedBuffersAreSentEachTimeByTls(String version) throws IOException {
        open(version);
        writeMessages(4, 100_000);
        assertAllArrives();
    }
}
