package io.uloop.poller.posix.call;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Calls native code through {@code java.lang.foreign}, which exists since JDK 22. This module is
 * compiled for JDK 17, so it reaches that API through generated classes. The calls themselves are
 * method handles that the JIT compiler treats as constants.
 */
final class ForeignBinding extends Binding {
    static final int FIRST_JDK = 22;

    private final ForeignApi api;

    private ForeignBinding(ForeignApi api) {
        this.api = api;
    }

    /**
     * {@return the binding}
     *
     * @throws UnsupportedOperationException if this JVM has no such API, or one that does not know
     *     this processor
     * @throws IllegalCallerException if this JVM does not let this module call native code
     */
    static ForeignBinding open() {
        if (Runtime.version().feature() < FIRST_JDK) {
            throw new UnsupportedOperationException(
                    "java.lang.foreign requires JDK " + FIRST_JDK + " or newer");
        }
        return new ForeignBinding(ForeignCalls.API);
    }

    @Override
    <T> T bind(Class<T> calls, @Nullable Path library) {
        Object source = api.library(library);
        return StubClass.define(calls, name -> api.find(source, name));
    }

    @Override
    SixArgumentCall sixArguments(@Nullable Path library, String symbol) {
        Object function = api.find(api.library(library), symbol);
        if (function == (Object) symbol) {
            throw new UnsatisfiedLinkError("no library has " + symbol);
        }
        return StubClass.define(SixArgumentCall.class, name -> function);
    }

    @Override
    int errno() {
        return ForeignCalls.errno();
    }

    @Override
    void setErrno(int errno) {
        ForeignCalls.setErrno(errno);
    }

    @Override
    long addressOf(ByteBuffer direct) {
        return api.addressOf(direct);
    }

    @Override
    ByteBuffer view(long address, int bytes) {
        return api.view(address, bytes);
    }
}
