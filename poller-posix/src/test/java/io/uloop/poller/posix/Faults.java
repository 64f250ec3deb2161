package io.uloop.poller.posix;

import io.uloop.poller.Errno;
import io.uloop.poller.posix.call.Posix;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.HashMap;
import java.util.Map;

/** Wraps calls of the C library, and makes the next call of a given name fail. */
public final class Faults {
    /** The errno for the next call of a name. */
    public final Map<String, Errno> next = new HashMap<>();

    /** The number of calls by name. */
    public final Map<String, Integer> calls = new HashMap<>();

    /** Wraps the calls of an interface. */
    public <T> T before(Class<T> type, T real) {
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
        Posix.setErrno(Posix.number(fault));
        if (method.getReturnType() == long.class) {
            return -1L;
        }
        return -1;
    }
}
