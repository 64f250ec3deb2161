package io.uloop.poller.posix;

import io.uloop.poller.PollerException;
import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.channels.SelectableChannel;

/** The descriptors inside the JDK's channels, where the JVM was started so as to show them. */
final class JdkChannels {
    private static final String INTERFACE = "sun.nio.ch.SelChImpl";

    private JdkChannels() {}

    static int fileno(SelectableChannel channel) throws IOException {
        MethodHandle getFDVal = getFDVal();
        if (!getFDVal.type().parameterType(0).isInstance(channel)) {
            throw new UnsupportedOperationException(
                    channel.getClass().getName() + " is not a channel of the JDK");
        }
        if (!channel.isOpen()) {
            throw new PollerException(
                    "fileno", channel.toString(), -1, "EBADF", "the channel is closed");
        }
        try {
            return (int) getFDVal.invoke(channel);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError("getFDVal throws nothing that is checked", e);
        }
    }

    /** Looked up every time: a JVM may be opened later, and a channel is added once. */
    private static MethodHandle getFDVal() {
        try {
            Class<?> type = Class.forName(INTERFACE);
            return MethodHandles.lookup()
                    .findVirtual(type, "getFDVal", MethodType.methodType(int.class));
        } catch (IllegalAccessException e) {
            throw new UnsupportedOperationException(
                    "the JVM hides the descriptors of its channels; start it with "
                            + option(JdkChannels.class.getModule()),
                    e);
        } catch (ClassNotFoundException | NoSuchMethodException e) {
            throw new UnsupportedOperationException(
                    "this JVM's channels do not tell their descriptors", e);
        }
    }

    private static String option(Module module) {
        return "--add-exports java.base/sun.nio.ch="
                + (module.isNamed() ? module.getName() : "ALL-UNNAMED");
    }
}
