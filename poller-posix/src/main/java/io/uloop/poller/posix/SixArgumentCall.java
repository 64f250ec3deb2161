package io.uloop.poller.posix;

import com.kenai.jffi.CallContext;
import com.kenai.jffi.CallingConvention;
import com.kenai.jffi.Invoker;
import com.kenai.jffi.Library;
import com.kenai.jffi.Type;
import org.jspecify.annotations.Nullable;

/**
 * A C function of six arguments, all passed as {@code long}; allocates nothing. It exists because
 * the stub that jnr-ffi 2.3.4 compiles on x86-64 gives its own return address as the sixth argument
 * ({@code X86_64StubCompiler} reads {@code [rsp + 0]}); up to five are right. Sets errno like every
 * bound call. Any thread.
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

    @SuppressWarnings("UnusedVariable") // holds it open: a collected one is unloaded
    private final Library library;

    private final long address;

    private SixArgumentCall(Library library, long address) {
        this.library = library;
        this.address = address;
    }

    /**
     * Finds a function.
     *
     * @param path the library, or null for what this process has loaded, the C library with it
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
     * Calls it.
     *
     * @param a the first argument
     * @param b the second
     * @param c the third
     * @param d the fourth
     * @param e the fifth
     * @param f the sixth
     * @return what it returns; only the lower half counts if that is an {@code int} in C
     */
    public long call(long a, long b, long c, long d, long e, long f) {
        return INVOKER.invokeN6(CONTEXT, address, a, b, c, d, e, f);
    }
}
