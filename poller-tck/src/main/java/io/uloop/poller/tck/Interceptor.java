package io.uloop.poller.tck;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Counts, records, changes or fails the calls of an interface.
 *
 * @since 0.1
 */
@FunctionalInterface
public interface Interceptor {
    /**
     * Handles a call.
     *
     * @param call the call, which {@link Call#proceed} passes on
     * @return the result for the caller, null for void
     * @throws Throwable what the caller gets; one that the method declares or an unchecked one
     */
    @Nullable Object intercept(Call call) throws Throwable;

    /**
     * A call of an intercepted object.
     *
     * @param target the real object
     * @param method the method called
     * @param arguments its arguments, which an interceptor may change
     */
    @SuppressWarnings("ArrayRecordComponent") // neither compared nor kept
    record Call(Object target, Method method, @Nullable Object[] arguments) {
        /** {@return the name of the method} */
        public String name() {
            return method.getName();
        }

        /**
         * Returns an argument that is a number.
         *
         * @param index its position
         * @return its value, such as a descriptor
         */
        public int number(int index) {
            Object argument = arguments[index];
            if (argument instanceof Integer number) {
                return number;
            }
            throw new IllegalArgumentException(name() + " has no number at " + index);
        }

        /**
         * Calls the real object.
         *
         * @return its result, null for void
         * @throws Throwable what it throws
         */
        public @Nullable Object proceed() throws Throwable {
            try {
                return method.invoke(target, arguments);
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
        }
    }

    /**
     * Puts this interceptor before an object.
     *
     * @param <T> the intercepted interface
     * @param type the intercepted interface; the result also has all interfaces of the object that
     *     extend it
     * @param target the real object
     * @return an object whose calls go to this interceptor
     */
    default <T> T before(Class<T> type, T target) {
        Set<Class<?>> types = new LinkedHashSet<>(Set.of(type));
        for (Class<?> each = target.getClass(); each != null; each = each.getSuperclass()) {
            Arrays.stream(each.getInterfaces()).filter(type::isAssignableFrom).forEach(types::add);
        }
        Object proxy =
                Proxy.newProxyInstance(
                        type.getClassLoader(),
                        types.toArray(Class<?>[]::new),
                        (self, method, arguments) ->
                                intercept(
                                        new Call(
                                                target,
                                                method,
                                                arguments == null ? new Object[0] : arguments)));
        return type.cast(proxy);
    }
}
