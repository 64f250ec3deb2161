package io.uloop.poller.posix.call;

/** Finds out which C function a method of an interface calls. Thread-safe. */
public final class FunctionName {
    /**
     * The prefix of methods that call the function named by the rest, but do not save its errno.
     * They must be annotated with {@link jnr.ffi.annotations.IgnoreError}. After a failure, {@link
     * Posix#errno} is unknown: call the function again by its plain name. This is right only for
     * calls whose failure changes nothing, unlike recv(2) and send(2), which clear the socket's
     * error. Saving errno touches memory that a system call has evicted from the caches, which
     * costs 45 to 75 ns.
     */
    public static final String QUICK = "quick_";

    private FunctionName() {}

    /** {@return the name of the function} */
    static String of(String method) {
        return isQuick(method) ? method.substring(QUICK.length()) : method;
    }

    /** {@return whether the method does not save errno} */
    static boolean isQuick(String method) {
        return method.startsWith(QUICK);
    }
}
