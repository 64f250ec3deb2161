package io.uloop.descriptor;

import io.uloop.Uloop;
import io.uloop.observe.SafeLog;
import io.uloop.owner.Origin;
import java.io.Closeable;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A descriptor that the program has opened through its owner. */
public final class OpenedDescriptor extends OwnedDescriptor {
    private final Class<?> type;
    private final Origin origin = Origin.here();
    private final @Nullable Closeable resource;
    private @Nullable FormerMode former;
    private boolean connection;

    private OpenedDescriptor(
            Object owner, Class<?> type, Uloop loop, int fd, @Nullable Closeable resource) {
        super(owner, LoopReference.of(loop), fd);
        this.type = type;
        this.resource = resource;
    }

    /**
     * Takes over an open descriptor.
     *
     * @param owner calls {@link #keep} after each operation on the descriptor
     * @param type the public class that the program closes, for messages
     * @param loop the loop where the descriptor will be registered
     * @param fd the descriptor
     * @param resource closes the descriptor and what belongs to it, without referring to the owner;
     *     null if closing the descriptor is enough
     * @return the owned descriptor
     */
    public static OpenedDescriptor of(
            Object owner, Class<?> type, Uloop loop, int fd, @Nullable Closeable resource) {
        OpenedDescriptor opened = new OpenedDescriptor(owner, type, loop, fd, resource);
        opened.track();
        return opened;
    }

    /** Counts this as a connection of the loop until it is closed. */
    public void countConnection() {
        connection = true;
        loop().connections(1);
    }

    private void connectionEnds() {
        if (connection) {
            loop().connections(-1);
        }
    }

    /**
     * Notes that the descriptor was made non-blocking.
     *
     * @param mode its former mode
     */
    public void noteFormerMode(FormerMode mode) {
        former = mode;
    }

    /**
     * Makes the descriptor blocking when it is closed or detached, or when the JVM exits. Does
     * nothing if it was always non-blocking.
     */
    public void restoreModeAtEnd() {
        if (former != null) {
            former.restoreAtExit();
        }
    }

    private void restoreMode() throws IOException {
        if (former != null) {
            former.restore();
        }
    }

    @Override
    protected void detached() throws IOException {
        connectionEnds();
        restoreMode();
    }

    @Override
    protected Class<?> type() {
        return type;
    }

    @Override
    protected Origin origin() {
        return origin;
    }

    @Override
    protected void release() throws IOException {
        connectionEnds();
        try {
            restoreMode();
        } finally {
            if (resource == null) {
                super.release();
            } else {
                resource.close();
            }
        }
    }

    @Override
    protected void logForgotten(String message, @Nullable Throwable stack) {
        System.Logger logger = System.getLogger(type.getPackageName());
        SafeLog.write(logger, System.Logger.Level.WARNING, message, stack);
    }
}
