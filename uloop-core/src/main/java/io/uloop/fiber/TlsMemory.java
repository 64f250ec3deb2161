package io.uloop.fiber;

import io.uloop.memory.BufferShare;
import java.io.IOException;
import java.nio.channels.AsynchronousCloseException;
import org.jspecify.annotations.Nullable;

/**
 * The memory of one TLS connection in the budget of its loop. If the budget ends the connection,
 * its operations throw the reason. Thread-safe.
 */
final class TlsMemory implements BufferShare.Owner {
    /** The approximate size of a JDK engine from the first message to the end of a handshake. */
    private static final int HANDSHAKE_BYTES = 16 << 10;

    /** The approximate size of a JDK engine after the handshake. */
    private static final int ESTABLISHED_BYTES = 8 << 10;

    private final FiberSocket socket;
    private final BufferShare share;
    private volatile @Nullable IOException ended;

    // Used on the loop's thread only.
    private int kept;
    private int engineBytes;
    private boolean released;

    TlsMemory(FiberSocket socket) {
        this.socket = socket;
        share = new BufferShare(socket.scheduler().budget(), this);
    }

    /** Counts the bytes of an unfinished handshake that are kept. */
    void keep(int bytes) throws IOException {
        change(bytes, engineBytes);
    }

    void engineStarts() throws IOException {
        change(kept, HANDSHAKE_BYTES);
    }

    void handshakeEnds() throws IOException {
        change(0, ESTABLISHED_BYTES);
    }

    private void change(int keptNow, int engineNow) throws IOException {
        boolean unused =
                socket.scheduler()
                        .onLoop(
                                () -> {
                                    int added = keptNow + engineNow - kept - engineBytes;
                                    if (added > 0) {
                                        share.add(added);
                                    } else {
                                        share.remove(-added);
                                    }
                                    kept = keptNow;
                                    engineBytes = engineNow;
                                    return true;
                                });
    }

    /** Frees all, soon. */
    void release() {
        socket.scheduler().soonOnLoop(this::releaseNow);
    }

    private void releaseNow() {
        if (!released) {
            released = true;
            share.close();
        }
    }

    /**
     * Returns why an operation of the connection failed: the reason of the budget, if there is one.
     */
    IOException reasonOf(AsynchronousCloseException failure) {
        IOException reason = ended;
        return reason == null ? failure : new IOException(reason.getMessage(), reason);
    }

    @Override
    public void endForMemory(IOException failure) {
        ended = failure;
        socket.closeQuietly();
    }

    @Override
    public String toString() {
        return socket.toString();
    }
}
