package io.uloop.poller.posix.call;

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
            "; add com.github.jnr:jnr-ffi with all its dependencies (in a minimized jar keep all"
                    + " their classes, which are found by name; on the module path also"
                    + " --add-modules org.jnrproject.ffi,org.objectweb.asm), or use JDK 22 or newer,"
                    + " which needs no JNR";

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

    /** {@return what calls native code, for messages} */
    public static String binding() {
        return Binding.name().equals(Binding.FOREIGN) ? "java.lang.foreign" : "JNR";
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
        if (OperatingSystem.HERE == OperatingSystem.UNKNOWN) {
            return "the C library of "
                    + System.getProperty("os.name")
                    + " is not known; native backends run on Linux, macOS, FreeBSD, OpenBSD and"
                    + " DragonFly";
        }
        try {
            Libc.CALLS.getpid();
            return null;
        } catch (LinkageError | RuntimeException e) {
            String cause = deepest(e);
            return unavailable(cause, cure(cause));
        }
    }

    private static String unavailable(String cause, String cure) {
        return "the C library cannot be called through " + binding() + " (" + cause + ")" + cure;
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
            return "; start Java with --enable-native-access=" + callingModule();
        }
        boolean missing =
                cause.contains("NoClassDefFoundError") || cause.contains("ClassNotFoundException");
        if (missing && Binding.name().equals(Binding.JNR)) {
            return WHOLE_JNR;
        }
        if (cause.contains("could not locate stub library")) {
            return "; add com.github.jnr:jffi with the classifier native to the class path";
        }
        if (cause.contains("jffi")) {
            return "; set a writable directory that is not mounted noexec with"
                    + " -Djffi.extract.dir=/folder";
        }
        return Binding.name().equals(Binding.FOREIGN)
                ? "; or use JNR: add com.github.jnr:jnr-ffi with all its dependencies and"
                        + " -Duloop.native=jnr"
                : "";
    }

    /** Returns the module that calls native code: that of jffi, or with the other binding this. */
    private static String callingModule() {
        Class<?> caller = NativeAccess.class;
        if (Binding.name().equals(Binding.JNR)) {
            try {
                caller = Class.forName("com.kenai.jffi.Foreign", false, caller.getClassLoader());
            } catch (ClassNotFoundException e) {
                return "ALL-UNNAMED";
            }
        }
        Module module = caller.getModule();
        return module.isNamed() ? module.getName() : "ALL-UNNAMED";
    }
}
