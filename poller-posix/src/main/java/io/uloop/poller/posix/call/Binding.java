package io.uloop.poller.posix.call;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The way to call native code: through {@code java.lang.foreign} on JDK 22 and later, otherwise
 * through JNR. A property may choose the other one. Thread-safe.
 */
abstract class Binding {
    /** The system property, and in upper case with an underscore the environment variable. */
    static final String PROPERTY = "uloop.native";

    static final String JNR = "jnr";
    static final String FOREIGN = "foreign";

    /** Chosen once per process. */
    private static final class Name {
        static final String CHOSEN = choose();
    }

    /** Opened once per process. */
    private static final class Holder {
        static final Binding CHOSEN = open(name());
    }

    /**
     * {@return the binding of this process}
     *
     * @throws IllegalArgumentException if the property names none
     * @throws LinkageError if JNR is missing or cannot be loaded
     * @throws RuntimeException if this JVM has no such binding, or does not allow it
     */
    static Binding chosen() {
        return Holder.CHOSEN;
    }

    /** {@return the name of the binding of this process, which may be unusable} */
    static String name() {
        return Name.CHOSEN;
    }

    private static String choose() {
        String asked = System.getProperty(PROPERTY);
        if (asked == null || asked.isBlank()) {
            asked = System.getenv(PROPERTY.replace('.', '_').toUpperCase(Locale.ROOT));
        }
        if (asked != null && !asked.isBlank()) {
            return asked.strip().toLowerCase(Locale.ROOT);
        }
        return Runtime.version().feature() < ForeignBinding.FIRST_JDK ? JNR : FOREIGN;
    }

    private static Binding open(String name) {
        return switch (name) {
            case JNR -> new JnrBinding();
            case FOREIGN -> ForeignBinding.open();
            default ->
                    throw new IllegalArgumentException(
                            "-D" + PROPERTY + " must be jnr or foreign, not " + name);
        };
    }

    /**
     * Binds an interface of functions to a library.
     *
     * @param library its path, or null for the C library of this process
     * @throws UnsatisfiedLinkError if the library cannot be loaded
     */
    abstract <T> T bind(Class<T> calls, @Nullable Path library);

    /** Finds a function that is called with {@code long} arguments, see {@link SixArgumentCall}. */
    abstract SixArgumentCall sixArguments(@Nullable Path library, String symbol);

    /** {@return the errno of this thread's last call} Valid only if that has failed. */
    abstract int errno();

    /** Sets what {@link #errno} returns on this thread. */
    abstract void setErrno(int errno);

    /** {@return the address of index 0 of a direct buffer} */
    abstract long addressOf(ByteBuffer direct);

    /** {@return the memory at an address as a buffer} It is not freed with the buffer. */
    abstract ByteBuffer view(long address, int bytes);
}
