package io.uloop.poller.posix;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.HashMap;
import java.util.Map;
import jnr.constants.platform.Errno;

/** A layer before the C library, where the next call of a name may be made to fail. */
final class Faults {
    /** With what the next call of a name fails. */
    final Map<String, Errno> next = new HashMap<>();

    /** How often each was called. */
    final Map<String, Integer> calls = new HashMap<>();

    /** Lays itself before an interface's calls. */
    <T> T before(Class<T> type, T real) {
        return type.cast(
                Proxy.newProxyInstance(
                        type.getClassLoader(),
                        new Class<?>[] {type},
                        (proxy, method, arguments) -> call(real, method, arguments)));
    }

    private Object call(Object real, Method method, Object[] arguments) throws Throwable {
        calls.merge(method.getName(), 1, Integer::sum);
        Errno fault = next.remove(method.getName());
        if (fault == null) {
            try {
                return method.invoke(real, arguments);
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
        }
        Posix.setErrno(fault.intValue());
        if (method.getReturnType() == long.class) {
            return -1L;
        }
        return -1;
    }
}
