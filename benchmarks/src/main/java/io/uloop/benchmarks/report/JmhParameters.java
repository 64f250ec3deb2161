package io.uloop.benchmarks.report;

import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.State;

/** Finds the parameters of JMH benchmarks. */
final class JmhParameters {
    private final Set<Class<?>> seen = new HashSet<>();
    private final Map<String, String[]> values = new TreeMap<>();

    private JmhParameters() {}

    /**
     * Returns the annotated parameters of a benchmark's states, with their values.
     *
     * @throws IllegalArgumentException if there is no such method
     */
    static Map<String, String[]> of(Class<?> benchmark, String method) {
        JmhParameters parameters = new JmhParameters();
        boolean found = false;
        parameters.addState(benchmark);
        for (Method each : benchmark.getMethods()) {
            if (each.getName().equals(method)) {
                found = true;
                parameters.addStates(each);
            }
        }
        if (!found) {
            throw new IllegalArgumentException(
                    benchmark.getSimpleName() + " has no public method " + method);
        }
        return parameters.values;
    }

    private void addStates(Method user) {
        Arrays.stream(user.getParameterTypes())
                .filter(type -> type.isAnnotationPresent(State.class))
                .forEach(this::addState);
    }

    private void addState(Class<?> state) {
        if (!seen.add(state)) {
            return;
        }
        for (Class<?> type = state; type != null; type = type.getSuperclass()) {
            for (Field field : type.getDeclaredFields()) {
                Param param = field.getAnnotation(Param.class);
                if (param != null) {
                    values.put(field.getName(), valuesOf(field, param));
                }
            }
        }
        if (state.isAnnotationPresent(State.class)) {
            for (Method fixture : state.getMethods()) {
                if (!fixture.isAnnotationPresent(Benchmark.class)) {
                    addStates(fixture);
                }
            }
        }
    }

    private static String[] valuesOf(Field field, Param param) {
        if (param.value().length != 1 || !param.value()[0].equals(Param.BLANK_ARGS)) {
            return param.value();
        }
        return Arrays.stream(field.getType().getEnumConstants())
                .map(constant -> ((Enum<?>) constant).name())
                .toArray(String[]::new);
    }
}
