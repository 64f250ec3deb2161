package io.uloop.poller.posix.process;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Encodes arguments and environments in the charset of the JVM's locale. This process may have
 * inherited variables that the charset cannot decode; they are passed on as they came. Thread-safe.
 */
final class ProgramText {
    private static final Charset CHARSET = nativeCharset();

    /** The bytes of the inherited variables that decoding changes, by their decoded text. */
    private static final Map<String, byte[]> INHERITED = inherited();

    private ProgramText() {}

    private static Charset nativeCharset() {
        String name = System.getProperty("sun.jnu.encoding");
        return name != null && Charset.isSupported(name)
                ? Charset.forName(name)
                : Charset.defaultCharset();
    }

    private static Map<String, byte[]> inherited() {
        byte[] all;
        try {
            all = Files.readAllBytes(Path.of("/proc/self/environ"));
        } catch (IOException e) { // no procfs
            return Map.of();
        }
        Map<String, byte[]> changed = new HashMap<>();
        int start = 0;
        for (int end = 0; end < all.length; end++) {
            if (all[end] == 0) {
                byte[] variable = Arrays.copyOfRange(all, start, end);
                start = end + 1;
                // JDK 17 decodes them with the default charset, later ones with the other.
                for (Charset charset : new Charset[] {CHARSET, Charset.defaultCharset()}) {
                    String text = new String(variable, charset);
                    if (!Arrays.equals(text.getBytes(CHARSET), variable)) {
                        changed.put(text, variable);
                    }
                }
            }
        }
        return changed;
    }

    /** Returns the bytes of an entry of the environment. */
    static byte[] ofVariable(String name, String value) {
        String text = name + '=' + value;
        byte[] inherited = INHERITED.get(text);
        return inherited == null ? text.getBytes(CHARSET) : inherited;
    }

    /**
     * Returns the bytes of an argument.
     *
     * @throws IllegalArgumentException if the charset lacks a character; the program would get
     *     another name
     */
    static byte[] ofArgument(String text) {
        if (!CHARSET.newEncoder().canEncode(text)) {
            throw new IllegalArgumentException(
                    "cannot pass the argument "
                            + text
                            + " to a program: the charset "
                            + CHARSET
                            + " of the locale lacks a character; run in another one, such as"
                            + " LC_ALL=C.UTF-8");
        }
        return text.getBytes(CHARSET);
    }
}
