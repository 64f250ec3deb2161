package io.uloop.cli;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Formats addresses and data for logs. */
final class Text {
    private static final int LONGEST_QUOTE = 60;

    private Text() {}

    /** Formats an address as in {@code 127.0.0.1:3333} or {@code [::1]:3333}. */
    static String address(@Nullable SocketAddress address) {
        if (!(address instanceof InetSocketAddress inet) || inet.isUnresolved()) {
            return String.valueOf(address);
        }
        // Abbreviates the first run of zeros. The JDK writes IPv6 addresses in full.
        String host = inet.getAddress().getHostAddress().replaceFirst("(^|:)0(:0)+(:|$)", "::");
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + inet.getPort();
    }

    /**
     * Quotes the remaining bytes of a buffer, decoded as UTF-8. Escapes line ends and terminal
     * control characters, because the data comes from untrusted peers.
     */
    static String quote(ByteBuffer data) {
        String text = StandardCharsets.UTF_8.decode(data.duplicate()).toString();
        StringBuilder quoted = new StringBuilder("'");
        text.codePoints()
                .limit(LONGEST_QUOTE)
                .forEach(
                        c -> {
                            switch (c) {
                                case '\n' -> quoted.append("\\n");
                                case '\r' -> quoted.append("\\r");
                                case '\t' -> quoted.append("\\t");
                                case '\'', '\\' -> quoted.append('\\').append((char) c);
                                default -> {
                                    if (isHarmless(c)) {
                                        quoted.appendCodePoint(c);
                                    } else {
                                        quoted.append(String.format("\\u%04x", c));
                                    }
                                }
                            }
                        });
        quoted.append('\'');
        if (text.codePointCount(0, text.length()) > LONGEST_QUOTE) {
            quoted.append("... (").append(data.remaining()).append(" bytes)");
        }
        return quoted.toString();
    }

    /** Replaces terminal control characters of a name from another program. */
    static String harmless(String name) {
        StringBuilder shown = new StringBuilder();
        name.codePoints().forEach(c -> shown.appendCodePoint(isHarmless(c) ? c : '?'));
        return shown.toString();
    }

    /** Replaces control characters, other than line ends, of a message with foreign text. */
    static String harmlessLines(String message) {
        return message.lines().map(Text::harmless).collect(Collectors.joining("\n"));
    }

    private static boolean isHarmless(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE,
                    Character.UNASSIGNED ->
                    false;
            default -> true;
        };
    }
}
