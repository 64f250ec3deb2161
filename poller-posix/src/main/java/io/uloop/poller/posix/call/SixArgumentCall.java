package io.uloop.poller.posix.call;

import com.kenai.jffi.CallContext;
import com.kenai.jffi.CallingConvention;
import com.kenai.jffi.Invoker;
import com.kenai.jffi.Library;
import com.kenai.jffi.Type;
import org.jspecify.annotations.Nullable;

/**
 * A C function of six arguments, all passed as {@code long}. Allocates nothing. It works around a
 * bug of the stub that jnr-ffi 2.3.4 compiles on x86-64, which passes its own return address as the
 * sixth argument ({@code X86_64StubCompiler} reads {@code [rsp + 0]}). Functions with up to five
 * arguments are not affected. Sets errno like every bound call. Thread-safe.
 */
public final class SixArgumentCall {
    private static final CallContext CONTEXT =
            CallContext.getCallContext(
                    Type.SINT64,
                    new Type[] {
                        Type.SINT64, Type.SINT64, Type.SINT64, Type.SINT64, Type.SINT64, Type.SINT64
                    },
                    CallingConvention.DEFAULT,
                    true);

    private static final Invoker INVOKER = Invoker.getInstance();

    @SuppressWarnings("UnusedVariable") // keeps the library loaded
    private final Library library;

    private final long address;

    private SixArgumentCall(Library library, long address) {
        this.library = library;
        this.address = address;
    }

    /**
     * Finds a function.
     *
     * @param path the library, or null for everything that this process has loaded, including the C
     *     library
     * @param symbol the function's name
     * @return the function
     * @throws UnsatisfiedLinkError if there is no such library or symbol
     */
    public static SixArgumentCall find(@Nullable String path, String symbol) {
        Library library =
                path == null
                        ? Library.getDefault()
                        : Library.openLibrary(path, Library.LAZY | Library.LOCAL);
        if (library == null) {
            throw new UnsatisfiedLinkError(Library.getLastError());
        }
        long address = library.getSymbolAddress(symbol);
        if (address == 0) {
            throw new UnsatisfiedLinkError(symbol + ": " + Library.getLastError());
        }
        return new SixArgumentCall(library, address);
    }

    /**
     * Calls the function.
     *
     * @param a the first argument
     * @param b the second argument
     * @param c the third argument
     * @param d the fourth argument
     * @param e the fifth argument
     * @param f the sixth argument
     * @return the result, of which only the lower half is meaningful if it is an {@code int} in C
     */
    public long call(long a, long b, long c, long d, long e, long f) {
        return INVOKER.invokeN6(CONTEXT, address, a, b, c, d, e, f);
    }
}
