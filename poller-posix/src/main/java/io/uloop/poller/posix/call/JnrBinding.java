package io.uloop.poller.posix.call;

import com.kenai.jffi.CallContext;
import com.kenai.jffi.CallingConvention;
import com.kenai.jffi.Invoker;
import com.kenai.jffi.Library;
import com.kenai.jffi.MemoryIO;
import com.kenai.jffi.Type;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import jnr.ffi.LibraryLoader;
import jnr.ffi.Platform;
import jnr.ffi.Runtime;
import org.jspecify.annotations.Nullable;

/** Calls native code through stubs that JNR generates. */
final class JnrBinding extends Binding {
    private static final CallContext SIX_LONGS =
            CallContext.getCallContext(
                    Type.SINT64,
                    new Type[] {
                        Type.SINT64, Type.SINT64, Type.SINT64, Type.SINT64, Type.SINT64, Type.SINT64
                    },
                    CallingConvention.DEFAULT,
                    true);

    private final Runtime runtime = Runtime.getSystemRuntime();
    private final MemoryIO memory = MemoryIO.getInstance();

    @Override
    <T> T bind(Class<T> calls, @Nullable Path library) {
        return LibraryLoader.create(calls)
                .mapper((method, context) -> FunctionName.of(method))
                .load(
                        library == null
                                ? Platform.getNativePlatform().getStandardCLibraryName()
                                : library.toString());
    }

    /**
     * Uses no stub. The one that jnr-ffi 2.3.4 compiles on x86-64 passes its own return address as
     * the sixth argument ({@code X86_64StubCompiler} reads {@code [rsp + 0]}).
     */
    @Override
    SixArgumentCall sixArguments(@Nullable Path path, String symbol) {
        Library library =
                path == null
                        ? Library.getDefault()
                        : Library.openLibrary(path.toString(), Library.LAZY | Library.LOCAL);
        if (library == null) {
            throw new UnsatisfiedLinkError(Library.getLastError());
        }
        long address = library.getSymbolAddress(symbol);
        if (address == 0) {
            throw new UnsatisfiedLinkError(symbol + ": " + Library.getLastError());
        }
        return new Six(library, address, Invoker.getInstance());
    }

    /** A function of a library, which this keeps loaded. */
    private record Six(Library library, long address, Invoker invoker) implements SixArgumentCall {
        @Override
        public long call(long a, long b, long c, long d, long e, long f) {
            return invoker.invokeN6(SIX_LONGS, address, a, b, c, d, e, f);
        }
    }

    @Override
    int errno() {
        return runtime.getLastError();
    }

    @Override
    void setErrno(int errno) {
        runtime.setLastError(errno);
    }

    @Override
    long addressOf(ByteBuffer direct) {
        return memory.getDirectBufferAddress(direct);
    }

    @Override
    ByteBuffer view(long address, int bytes) {
        return memory.newDirectByteBuffer(address, bytes);
    }
}
