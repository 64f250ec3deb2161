package io.uloop.poller.posix.call;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A C function of six arguments, all passed as {@code long}. JNR cannot bind one as part of an
 * interface, see {@link JnrBinding}. Allocates nothing. Sets errno like every bound call.
 * Thread-safe.
 */
public interface SixArgumentCall {
    /**
     * Finds a function.
     *
     * @param library the path of a library, or null for the C library of this process
     * @param symbol the function's name
     * @return the function
     * @throws UnsatisfiedLinkError if there is no such library or symbol
     */
    static SixArgumentCall find(@Nullable Path library, String symbol) {
        return Binding.chosen().sixArguments(library, symbol);
    }

    /**
     * Calls the function.
     *
     * @return the result, of which only the lower half is meaningful if it is an {@code int} in C
     */
    long call(long a, long b, long c, long d, long e, long f);
}
