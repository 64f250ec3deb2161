package io.uloop.poller.posix.call;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Calls native code through {@code java.lang.foreign}, which exists since JDK 22. This module is
 * compiled for JDK 17, so it reaches that API by reflection, but only while it binds. The calls
 * themselves are method handles that the JIT compiler treats as constants.
 */
final class ForeignBinding extends Binding {
    static final int FIRST_JDK = 22;

    private static final Method SIX_ARGUMENTS =
            Stream.of(SixArgumentCall.class.getMethods())
                    .filter(method -> Modifier.isAbstract(method.getModifiers()))
                    .findFirst()
                    .orElseThrow();

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
        List<Method> methods = List.of(calls.getMethods());
        List<Object> functions =
                methods.stream()
                        .map(method -> api.find(source, FunctionName.of(method.getName())))
                        .toList();
        return StubClass.define(calls, methods, functions);
    }

    @Override
    SixArgumentCall sixArguments(@Nullable Path library, String symbol) {
        Object function = api.find(api.library(library), symbol);
        if (function == (Object) symbol) {
            throw new UnsatisfiedLinkError("no library has " + symbol);
        }
        return StubClass.define(SixArgumentCall.class, List.of(SIX_ARGUMENTS), List.of(function));
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
