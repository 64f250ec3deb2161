package io.uloop.poller.posix;

import org.jspecify.annotations.Nullable;

/**
 * Tells whether the C library can be called. Needs nothing of JNR itself, so that it can say so
 * where that is missing. Any thread.
 */
public final class NativeAccess {
    private static final class Holder {
        static final @Nullable String UNAVAILABILITY =
                NativeAccess.unavailability(System.getProperty("sun.arch.data.model"));
    }

    private NativeAccess() {}

    /**
     * Says why the C library cannot be called here.
     *
     * @return null when it can, else the reason in words, the same every time
     */
    public static @Nullable String unavailability() {
        return Holder.UNAVAILABILITY;
    }

    /**
     * Refuses to go on where a provider says why not.
     *
     * @param unavailability what the provider says; null is good
     * @throws UnsupportedOperationException with the reason
     */
    public static void requireUsable(@Nullable String unavailability) {
        if (unavailability != null) {
            throw new UnsupportedOperationException(unavailability);
        }
    }

    /**
     * As {@link #unavailability()}.
     *
     * @param addressBits of this process; null where the JVM does not tell
     */
    static @Nullable String unavailability(@Nullable String addressBits) {
        if ("32".equals(addressBits)) {
            return "the structs of the C library are known for 64-bit processes, this one has 32"
                    + " bits";
        }
        try {
            Libc.CALLS.getpid();
            return null;
        } catch (LinkageError | RuntimeException e) {
            return "the C library cannot be called through JNR: " + causes(e);
        }
    }

    /** The last one tells most: which file or folder is at fault. */
    private static String causes(Throwable failure) {
        StringBuilder words = new StringBuilder();
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            words.append(words.length() == 0 ? "" : "; ");
            cause.toString().lines().findFirst().ifPresent(words::append);
        }
        return words.toString();
    }
}
