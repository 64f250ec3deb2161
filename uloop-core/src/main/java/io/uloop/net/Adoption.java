package io.uloop.net;

import io.uloop.Uloop;
import io.uloop.descriptor.FormerMode;
import io.uloop.poller.DescriptorKind;
import io.uloop.poller.Descriptors;
import io.uloop.poller.Errno;
import io.uloop.poller.NativeDescriptors;
import io.uloop.poller.PollerException;
import java.net.ProtocolFamily;
import java.net.StandardSocketOptions;
import java.util.Objects;
import java.util.function.Predicate;

/**
 * Takes over descriptors that other code has opened: checks that a descriptor is of the expected
 * kind, and makes it non-blocking and close-on-exec. If that fails, the descriptor stays as it was.
 *
 * @param channel the class of the channel, for messages
 * @param words the expected kind, for messages
 * @param accepts whether a descriptor is of that kind
 */
record Adoption(Class<?> channel, String words, Predicate<DescriptorKind> accepts) {
    private static final int STDERR_FILENO = 2;

    /**
     * Takes over a descriptor.
     *
     * @param loop the loop that will serve it
     * @param fd the descriptor
     * @param constructor creates the channel
     */
    <C extends LoopChannel> C of(Uloop loop, int fd, Constructor<C> constructor)
            throws PollerException {
        Descriptors io = loop.descriptors();
        DescriptorKind kind = requireKind(io.kind(fd), fd);
        if (kind.type() == DescriptorKind.Type.STREAM_SOCKET && kind.isInternet()) {
            requireNoLinger(io, fd);
        }
        if (!(io instanceof NativeDescriptors all)) {
            return constructor.create(kind);
        }
        if (fd > STDERR_FILENO) { // children inherit the standard streams
            all.setCloseOnExec(fd, true);
        }
        if (!all.isBlocking(fd)) {
            return constructor.create(kind);
        }
        all.setBlocking(fd, false);
        try {
            C adopted = constructor.create(kind);
            adopted.noteFormerMode(new FormerMode(all, fd));
            return adopted;
        } catch (PollerException | RuntimeException | Error e) {
            all.setBlocking(fd, true);
            throw e;
        }
    }

    /** Creates the channel of a descriptor. */
    @FunctionalInterface
    interface Constructor<C> {
        C create(DescriptorKind kind) throws PollerException;
    }

    /** {@return the family of a socket that was accepted for its family} */
    static ProtocolFamily family(DescriptorKind kind) {
        return Objects.requireNonNull(kind.family(), "family");
    }

    private DescriptorKind requireKind(DescriptorKind kind, int fd) throws PollerException {
        if (accepts.test(kind)) {
            return kind;
        }
        throw new PollerException(
                "adopt",
                channel.getSimpleName(),
                fd,
                kind.type().isSocket() ? Errno.EINVAL : Errno.ENOTSOCK,
                "the descriptor is "
                        + kind
                        + ", but "
                        + words
                        + " is needed; it stays open and unchanged");
    }

    /** Otherwise close would block the loop, also that of connections that a listener accepts. */
    private void requireNoLinger(Descriptors io, int fd) throws PollerException {
        Integer seconds;
        try {
            seconds = io.option(fd, StandardSocketOptions.SO_LINGER);
        } catch (UnsupportedOperationException e) {
            return; // a listener of NIO
        }
        if (seconds != null && seconds > 0) {
            throw new PollerException(
                    "adopt",
                    channel.getSimpleName(),
                    fd,
                    Errno.EINVAL,
                    "its SO_LINGER is "
                            + seconds
                            + " s, for which close would block the loop's thread; set it to -1"
                            + " first; the descriptor stays open and unchanged");
        }
    }
}
