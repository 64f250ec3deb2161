package io.uloop.poller.posix.call;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** What the C library says about an errno. Thread-safe. */
final class Messages {
    private Messages() {}

    /** Makes sure that this class is loaded. */
    static void load() {}

    /** {@return the description of an errno} Never fails. */
    static synchronized String description(int errno) {
        long text = Libc.CALLS.strerror(errno); // memory that the next call may overwrite
        String words = text == 0 ? "" : text(text);
        return words.isEmpty() || words.startsWith("Unknown error")
                ? "this system has no description of it"
                : words;
    }

    /** {@return the name of an errno, or null if the C library does not tell it} */
    static @Nullable String name(int errno) {
        try {
            long text = Libc.CALLS.strerrorname_np(errno);
            return text == 0 ? null : text(text);
        } catch (UnsatisfiedLinkError e) {
            return null;
        }
    }

    private static String text(long address) {
        return new String(Posix.string(address), StandardCharsets.US_ASCII);
    }
}
