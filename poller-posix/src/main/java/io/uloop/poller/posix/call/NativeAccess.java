package io.uloop.poller.posix.call;

import jnr.constants.ConstantSet;
import org.jspecify.annotations.Nullable;

/**
 * Checks whether the C library can be called. Does not depend on JNR itself, so that it can report
 * that JNR is missing. Thread-safe.
 */
public final class NativeAccess {
    private static final class Holder {
        static final @Nullable String UNAVAILABILITY =
                NativeAccess.unavailability(System.getProperty("sun.arch.data.model"));
    }

    private static final String WHOLE_JNR =
            "; add com.github.jnr:jnr-ffi and com.github.jnr:jnr-constants with all their"
                    + " dependencies; in a minimized jar keep all their classes, which are found by"
                    + " name";

    private static final String ORIGINAL_ERROR = "original error message follows:";

    private NativeAccess() {}

    /**
     * Explains why the C library cannot be called.
     *
     * @return null if it can be called, otherwise the reason, which never changes
     */
    public static @Nullable String unavailability() {
        return Holder.UNAVAILABILITY;
    }

    /**
     * Throws if a provider is unavailable.
     *
     * @param unavailability the provider's reason, or null if it is available
     * @throws UnsupportedOperationException with the reason
     */
    public static void requireUsable(@Nullable String unavailability) {
        if (unavailability != null) {
            throw new UnsupportedOperationException(unavailability);
        }
    }

    /**
     * Like {@link #unavailability()}, for the given word size.
     *
     * @param addressBits the word size of this process; null if the JVM does not say
     */
    static @Nullable String unavailability(@Nullable String addressBits) {
        if ("32".equals(addressBits)) {
            return "only 64-bit processes are supported, and this one has 32"
                    + " bits; use a 64-bit JVM";
        }
        try {
            Libc.CALLS.getpid();
            return hasErrnos() ? null : unavailable("the errno constants are missing", WHOLE_JNR);
        } catch (LinkageError | RuntimeException e) {
            String cause = deepest(e);
            return unavailable(cause, cure(cause));
        }
    }

    /** JNR makes up errno values if the classes of the platform have been removed from its jar. */
    private static boolean hasErrnos() {
        ConstantSet errnos = ConstantSet.getConstantSet("Errno");
        return errnos != null
                && !errnos.iterator().next().getClass().getName().contains(".platform.fake.");
    }

    private static String unavailable(String cause, String cure) {
        return "the C library cannot be called through JNR (" + cause + ")" + cure;
    }

    /**
     * Finds the most specific message: that of the deepest cause, or of the error that jffi quotes
     * in its own message.
     */
    private static String deepest(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        String words = cause.toString().lines().findFirst().orElse("");
        int start = words.lastIndexOf(ORIGINAL_ERROR);
        return start < 0 ? words : words.substring(start + ORIGINAL_ERROR.length()).strip();
    }

    private static String cure(String cause) {
        if (cause.contains("llegal native access")) {
            String module = moduleOfJffi();
            return "; start Java with --enable-native-access=" + module;
        }
        if (cause.contains("NoClassDefFoundError") || cause.contains("ClassNotFoundException")) {
            return WHOLE_JNR;
        }
        if (cause.contains("could not locate stub library")) {
            return "; add com.github.jnr:jffi with the classifier native to the class path";
        }
        if (cause.contains("jffi")) {
            return "; set a writable directory that is not mounted noexec with"
                    + " -Djffi.extract.dir=/folder";
        }
        return "";
    }

    private static String moduleOfJffi() {
        try {
            Module module =
                    Class.forName(
                                    "com.kenai.jffi.Foreign",
                                    false,
                                    NativeAccess.class.getClassLoader())
                            .getModule();
            return module.isNamed() ? module.getName() : "ALL-UNNAMED";
        } catch (ClassNotFoundException e) {
            return "ALL-UNNAMED";
        }
    }
}
