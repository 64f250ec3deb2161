package io.uloop.poller.posix.file;

import io.uloop.poller.Errno;
import io.uloop.poller.PollerException;
import java.io.FileDescriptor;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.channels.FileChannel;
import java.nio.channels.SelectableChannel;
import org.jspecify.annotations.Nullable;

/** Finds the file descriptors of JDK channels, if the JVM was started with access to them. */
public final class JdkChannels {
    /** Returned by {@link #filenoOrNone} for a file whose descriptor is hidden. */
    static final int NONE = -1;

    private static final String INTERFACE = "sun.nio.ch.SelChImpl";

    private JdkChannels() {}

    public static int fileno(SelectableChannel channel) throws PollerException {
        MethodHandle getFDVal = getFDVal();
        if (!getFDVal.type().parameterType(0).isInstance(channel)) {
            throw new UnsupportedOperationException(
                    channel.getClass().getName()
                            + " is not a JDK channel, so it has no known descriptor");
        }
        if (!channel.isOpen()) {
            throw new PollerException(
                    "fileno", channel.toString(), -1, Errno.EBADF, "the channel is closed");
        }
        try {
            return (int) getFDVal.invoke(channel);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError("getFDVal throws no checked exceptions", e);
        }
    }

    /** Not cached: access may be granted later, and each channel is added once. */
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
                    "this JVM's channels do not expose their descriptors", e);
        }
    }

    /**
     * {@return the file's descriptor, or {@link #NONE} if it is hidden or the JDK did not open it}
     */
    static int filenoOrNone(FileChannel file) {
        MethodHandle fd = FileDescriptors.OF_CHANNEL;
        if (fd == null || !fd.type().parameterType(0).isInstance(file)) {
            return NONE;
        }
        try {
            return (int) fd.invoke(file);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError("fdVal throws no checked exceptions", e);
        }
    }

    /** Cached, because files are sent often. */
    private static final class FileDescriptors {
        static final @Nullable MethodHandle OF_CHANNEL = find();

        private static @Nullable MethodHandle find() {
            try {
                MethodHandles.Lookup lookup = MethodHandles.lookup();
                Class<?> type = Class.forName("sun.nio.ch.FileChannelImpl");
                MethodHandle descriptor =
                        MethodHandles.privateLookupIn(type, lookup)
                                .findGetter(type, "fd", FileDescriptor.class);
                MethodHandle number =
                        lookup.findStatic(
                                Class.forName("sun.nio.ch.IOUtil"),
                                "fdVal",
                                MethodType.methodType(int.class, FileDescriptor.class));
                return MethodHandles.filterReturnValue(descriptor, number);
            } catch (ReflectiveOperationException e) {
                return null; // hidden, so the bytes are copied
            }
        }
    }

    private static String option(Module module) {
        return "--add-exports java.base/sun.nio.ch="
                + (module.isNamed() ? module.getName() : "ALL-UNNAMED");
    }
}
