package io.uloop.live;

import org.jspecify.annotations.Nullable;

/**
 * Writes JSON in which names of a program cannot end a string, a script or an element.
 *
 * <p>Not thread-safe.
 */
final class Json {
    private final StringBuilder text = new StringBuilder(1024);

    Json begin(char bracket) {
        separate();
        text.append(bracket);
        return this;
    }

    Json end(char bracket) {
        text.append(bracket);
        return this;
    }

    /** Writes the name of the next value. */
    Json name(String name) {
        string(name);
        text.append(':');
        return this;
    }

    Json string(@Nullable String value) {
        separate();
        if (value == null) {
            text.append("null");
            return this;
        }
        text.append('"');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (isPlain(c)) {
                text.append(c);
            } else {
                text.append(String.format("\\u%04x", (int) c));
            }
        }
        text.append('"');
        return this;
    }

    /** Leaves out what has a meaning in JSON, HTML or JavaScript, and halves of characters. */
    private static boolean isPlain(char c) {
        return c >= ' ' && "\"\\<>&'\u007f\u2028\u2029".indexOf(c) < 0 && !Character.isSurrogate(c);
    }

    Json number(long value) {
        separate();
        text.append(value);
        return this;
    }

    /** Writes a finite number with at most three decimals. */
    Json number(double value) {
        separate();
        text.append(Math.round(value * 1000) / 1000.0);
        return this;
    }

    Json bool(boolean value) {
        separate();
        text.append(value);
        return this;
    }

    Json nothing() {
        separate();
        text.append("null");
        return this;
    }

    private void separate() {
        int length = text.length();
        if (length > 0 && "{[:".indexOf(text.charAt(length - 1)) < 0) {
            text.append(',');
        }
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
