package io.uloop.poller.posix.socket;

import io.uloop.poller.KernelSocketOptions;
import java.lang.reflect.Field;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.util.ArrayList;
import java.util.List;

/** The socket options that have a constant in Java, whether or not this system supports them. */
final class NamedOptions {
    static final List<SocketOption<?>> ALL;

    static {
        List<SocketOption<?>> all = new ArrayList<>();
        addAll(all, StandardSocketOptions.class);
        addAll(all, KernelSocketOptions.class);
        try {
            addAll(all, Class.forName("jdk.net.ExtendedSocketOptions"));
        } catch (ClassNotFoundException e) {
            // Without module jdk.net its options do not exist.
        }
        ALL = List.copyOf(all);
    }

    private NamedOptions() {}

    private static void addAll(List<SocketOption<?>> all, Class<?> constants) {
        for (Field field : constants.getFields()) {
            try {
                if (field.get(null) instanceof SocketOption<?> option) {
                    all.add(option);
                }
            } catch (IllegalAccessException e) {
                throw new AssertionError("public constants of public classes are readable", e);
            }
        }
    }
}
