package io.uloop.test;

import io.uloop.Uloop;
import io.uloop.poller.PollerProvider;
import io.uloop.poller.tck.Scene;
import java.lang.StackWalker.Option;
import java.lang.StackWalker.StackFrame;
import java.security.CodeSource;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The place where a descriptor was opened.
 *
 * @param line the line of the program that opened it; empty if all callers are of this library
 * @param stack the whole stack
 */
record Opening(Optional<StackFrame> line, Throwable stack) {
    private static final StackWalker WALKER =
            StackWalker.getInstance(Option.RETAIN_CLASS_REFERENCE);

    /** The jars or folders of this library, whose lines do not help to find a leak. */
    private static final Set<String> LIBRARY =
            Stream.of(Uloop.class, PollerProvider.class, Scene.class, Opening.class)
                    .map(Opening::source)
                    .flatMap(Optional::stream)
                    .collect(Collectors.toUnmodifiableSet());

    static Opening here() {
        return new Opening(
                WALKER.walk(frames -> frames.filter(Opening::isOfProgram).findFirst()),
                new Throwable("opened here"));
    }

    private static boolean isOfProgram(StackFrame frame) {
        return source(frame.getDeclaringClass())
                .filter(each -> !LIBRARY.contains(each))
                .isPresent();
    }

    /** {@return the jar or folder of a class; empty for the JDK's} */
    private static Optional<String> source(Class<?> type) {
        return Optional.ofNullable(type.getProtectionDomain().getCodeSource())
                .map(CodeSource::getLocation)
                .map(location -> location.toString())
                .filter(location -> !location.startsWith("jrt:"));
    }

    String describe(int fd, @Nullable String kind) {
        return "fd "
                + fd
                + (kind == null ? "" : " " + kind)
                + line.map(frame -> ", opened at " + frame.toStackTraceElement()).orElse("");
    }
}
