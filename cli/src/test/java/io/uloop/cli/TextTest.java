package io.uloop.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class TextTest {
    @Test
    void quotesTextUnchanged() {
        assertThat(quote("hello sock")).isEqualTo("'hello sock'");
        assertThat(quote("你好")).isEqualTo("'你好'");
    }

    @Test
    void escapesLineEndsAndControlCharacters() {
        assertThat(quote("a\r\n\tb\0c")).isEqualTo("'a\\r\\n\\tb\\u0000c'");
        assertThat(quote("it's \\ \u001b[2J \u202e \u2028"))
                .isEqualTo("'it\\'s \\\\ \\u001b[2J \\u202e \\u2028'");
    }

    @Test
    void escapesInvisibleCharactersOutsideTheBasicPlane() {
        assertThat(quote("a\udb40\udc01b\ud83d\ude00")).isEqualTo("'a\\ue0001b\ud83d\ude00'");
        assertThat(Text.harmless("a\udb40\udc01b\ud83d\ude00\ud83d")).isEqualTo("a?b\ud83d\ude00?");
    }

    @Test
    void messagesKeepTheirLines() {
        assertThat(Text.harmlessLines("one\ntwo\u001b]0;title\u0007"))
                .isEqualTo("one\ntwo?]0;title?");
    }

    @Test
    void truncatesBetweenCharacters() {
        assertThat(quote("\ud83d\ude00".repeat(61)))
                .isEqualTo("'" + "\ud83d\ude00".repeat(60) + "'... (244 bytes)");
    }

    @Test
    void truncatesLongText() {
        assertThat(quote("x".repeat(1000))).isEqualTo("'" + "x".repeat(60) + "'... (1000 bytes)");
    }

    @Test
    void quoteLeavesThePosition() {
        ByteBuffer data = UTF_8.encode("abc");
        assertThat(Text.quote(data)).isEqualTo("'abc'");
        assertThat(data.remaining()).isEqualTo(3);
    }

    @Test
    void formatsAddressesAsInUrls() throws UnknownHostException {
        assertThat(Text.address(new InetSocketAddress(address(127, 0, 0, 1), 3333)))
                .isEqualTo("127.0.0.1:3333");
        byte[] loopback = new byte[16];
        loopback[15] = 1;
        assertThat(Text.address(new InetSocketAddress(InetAddress.getByAddress(loopback), 80)))
                .isEqualTo("[::1]:80");
    }

    private static String quote(String text) {
        return Text.quote(UTF_8.encode(text));
    }

    private static InetAddress address(int... bytes) throws UnknownHostException {
        byte[] address = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            address[i] = (byte) bytes[i];
        }
        return InetAddress.getByAddress(address);
    }
}
