package io.uloop.fiber;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadFactory;
import java.util.function.Function;
import java.util.function.Supplier;

/** Uses {@code StructuredTaskScope} of JDK 25 by reflection. */
final class StructuredScope {
    private final Class<?> type;
    private final Class<?> joiner;

    private StructuredScope() throws ClassNotFoundException {
        type = Class.forName("java.util.concurrent.StructuredTaskScope");
        joiner = Class.forName("java.util.concurrent.StructuredTaskScope$Joiner");
    }

    /** Returns null if the JDK has no such scope or does not let it be used. */
    static StructuredScope ifUsable() {
        try {
            StructuredScope scope = new StructuredScope();
            scope.open(Thread::new).close();
            return scope;
        } catch (Exception e) {
            return null;
        }
    }

    private AutoCloseable open(ThreadFactory factory) throws Exception {
        Function<Object, Object> configure =
                configuration -> {
                    try {
                        Method with =
                                Class.forName(
                                                "java.util.concurrent.StructuredTaskScope$Configuration")
                                        .getMethod("withThreadFactory", ThreadFactory.class);
                        return with.invoke(configuration, factory);
                    } catch (ReflectiveOperationException e) {
                        throw new AssertionError(e);
                    }
                };
        Object all = joiner.getMethod("awaitAllSuccessfulOrThrow").invoke(null);
        for (Method each : type.getMethods()) {
            if (each.getName().equals("open") && each.getParameterCount() == 2) {
                Class<?> operator = each.getParameterTypes()[1];
                Object adapted =
                        operator.isInstance(configure)
                                ? configure
                                : (java.util.function.UnaryOperator<Object>) configure::apply;
                return (AutoCloseable) call(each, null, all, adapted);
            }
        }
        throw new NoSuchMethodException("open");
    }

    private static Object call(Method method, Object target, Object... arguments) throws Exception {
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }

    /** Forks two calls on threads of a factory and returns their results. */
    List<String> callBoth(ThreadFactory factory, Callable<String> first, Callable<String> second)
            throws Exception {
        try (AutoCloseable scope = open(factory)) {
            Method fork = type.getMethod("fork", Callable.class);
            Supplier<?> one = (Supplier<?>) call(fork, scope, first);
            Supplier<?> two = (Supplier<?>) call(fork, scope, second);
            call(type.getMethod("join"), scope);
            return List.of((String) one.get(), (String) two.get());
        }
    }
}
