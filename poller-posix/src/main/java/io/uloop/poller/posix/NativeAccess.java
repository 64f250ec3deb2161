package io.uloop.poller.posix;

import jnr.constants.ConstantSet;
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

    private static final String WHOLE_JNR =
            "; add com.github.jnr:jnr-ffi and com.github.jnr:jnr-constants with all their"
                    + " dependencies; in a minimized jar keep all their classes, which are found by"
                    + " name";

    private static final String ORIGINAL_ERROR = "original error message follows:";

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
            return hasErrnos() ? null : unavailable("numbers of errno are missing", WHOLE_JNR);
        } catch (LinkageError | RuntimeException e) {
            String cause = deepest(e);
            return unavailable(cause, cure(cause));
        }
    }

    /** JNR invents the numbers of a system whose classes have been removed from its jar. */
    private static boolean hasErrnos() {
        ConstantSet errnos = ConstantSet.getConstantSet("Errno");
        return errnos != null
                && !errnos.iterator().next().getClass().getName().contains(".platform.fake.");
    }

    private static String unavailable(String cause, String cure) {
        return "the C library cannot be called through JNR (" + cause + ")" + cure;
    }

    /** The deepest cause tells most. Those of jffi put theirs in words, behind their own. */
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
            return "; put com.github.jnr:jffi with the classifier native on the class path";
        }
        if (cause.contains("jffi")) {
            return "; name a folder that is writable and not mounted noexec by"
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
