package io.uloop.stream;

import io.uloop.EventHandler;
import io.uloop.Uloop;
import io.uloop.descriptor.OpenedDescriptor;
import io.uloop.descriptor.OwnedDescriptor;
import io.uloop.poller.Descriptors;
import io.uloop.poller.NativeDescriptors;
import io.uloop.poller.UEvent;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A descriptor that an event source owns on a loop. Its handlers refer to it, so it is not
 * forgotten while it is registered.
 */
public final class Source implements Closeable {
    private final Uloop loop;
    private final OwnedDescriptor owned;

    /**
     * Takes over a descriptor, which is not registered yet.
     *
     * @param loop the loop of the descriptor
     * @param type the public class that the program closes
     * @param fd the descriptor
     * @param resource closes the descriptor without referring to this; null if closing the number
     *     is enough
     */
    public Source(Uloop loop, Class<?> type, int fd, @Nullable Closeable resource) {
        this.loop = loop;
        owned = OpenedDescriptor.of(this, type, loop, fd, resource);
    }

    /**
     * Opens a descriptor or a pair of them.
     *
     * @param <T> the type of what it opens
     */
    @FunctionalInterface
    public interface Opener<T> {
        /**
         * Opens a descriptor or a pair of them.
         *
         * @param descriptors the I/O of a native backend
         * @return what was opened
         * @throws IOException if the kernel refuses
         */
        T open(NativeDescriptors descriptors) throws IOException;
    }

    /**
     * Opens a descriptor that only native backends support.
     *
     * @param <T> the type of what is opened
     * @param loop the loop of the descriptor
     * @param what the kernel's name for it
     * @param instead what to use on other backends
     * @param opener opens it
     * @return what was opened
     * @throws UnsupportedOperationException if the loop's backend is not native
     * @throws IOException if the kernel refuses
     */
    public static <T> T open(Uloop loop, String what, String instead, Opener<T> opener)
            throws IOException {
        try {
            return opener.open(NativeDescriptors.of(loop.provider()));
        } catch (UnsupportedOperationException e) {
            throw new UnsupportedOperationException(
                    "the backend " + loop.provider().name() + " has no " + what + "; " + instead,
                    e);
        }
    }

    /** {@return the loop} */
    public Uloop loop() {
        return loop;
    }

    /** {@return the I/O of the loop's backend} */
    public Descriptors descriptors() {
        return loop.descriptors();
    }

    /** {@return the I/O of the loop's native backend} */
    public NativeDescriptors nativeDescriptors() {
        return NativeDescriptors.of(loop.provider());
    }

    /** {@return the descriptor for one operation, after which the caller calls {@link #keep}} */
    public int fd() {
        return owned.number();
    }

    /** Keeps this reachable until an operation has returned. */
    public void keep() {
        OwnedDescriptor.keep(this);
    }

    /**
     * Writes once to an open source.
     *
     * @param bytes the bytes to write
     * @return bytes written; 0 if the write would block
     * @throws IOException if the write fails
     */
    public int write(ByteBuffer bytes) throws IOException {
        requireOpen();
        int moved = descriptors().write(fd(), bytes);
        keep();
        return moved;
    }

    /**
     * Checks that this is open.
     *
     * @throws IllegalStateException if this is closed
     */
    public void requireOpen() {
        if (!owned.isOpen()) {
            throw new IllegalStateException("cannot use a closed source; open another one");
        }
    }

    /** {@return whether {@link #close} has not been called} */
    public boolean isOpen() {
        return owned.isOpen();
    }

    /** {@return whether this is registered with the loop} */
    public boolean isRegistered() {
        return owned.isRegistered();
    }

    /**
     * Sets whether an idle run ends although the source is registered, now or later.
     *
     * @param unref whether the run ends
     * @throws IllegalStateException if another thread runs the loop
     */
    public void setUnref(boolean unref) {
        owned.setUnref(unref);
    }

    /** {@return whether the source keeps an idle run waiting while it is registered} */
    public boolean hasRef() {
        return owned.hasRef();
    }

    /**
     * Registers the source for the first time. Closes everything on failure.
     *
     * @param interest as for {@link Uloop#add(int, int, EventHandler)}
     * @param handler as for {@link Uloop#add(int, int, EventHandler)}
     * @throws IOException as for {@link Uloop#add(int, int, EventHandler)}
     */
    public void joinOrClose(int interest, EventHandler handler) throws IOException {
        try {
            owned.register(loop, interest, handler);
        } catch (IOException | RuntimeException e) {
            owned.closeAfter(e);
            throw e;
        }
    }

    /**
     * Registers the source or changes its interest. Deregisters it if there is no interest left.
     *
     * @param interest as for {@link Uloop#add(int, int, EventHandler)}
     * @param handler used only if this is not registered
     * @throws IOException as for {@link Uloop#add(int, int, EventHandler)}
     */
    public void register(int interest, EventHandler handler) throws IOException {
        if (interest == UEvent.NONE) {
            owned.deregister();
        } else if (owned.isRegistered()) {
            loop.modify(fd(), interest);
        } else {
            owned.register(loop, interest, handler);
        }
    }

    /**
     * Deregisters the source. Does nothing if it is not registered or the loop is closed. A source
     * that cannot be read is deregistered, because it would be ready and fail in every turn.
     */
    public void deregister() {
        owned.deregister();
    }

    /**
     * Deregisters and closes the source. Idempotent.
     *
     * @throws IllegalStateException if another thread runs the loop, even if this is not registered
     * @throws IOException if closing the descriptor fails
     */
    @Override
    public void close() throws IOException {
        if (owned.isOpen()) {
            loop.checkThread();
            owned.close();
        }
    }

    /**
     * Closes the source after a failure that is about to be thrown.
     *
     * @param failure the failure
     */
    public void closeAfter(Throwable failure) {
        owned.closeAfter(failure);
    }

    @Override
    public String toString() {
        return owned.describe();
    }
}
