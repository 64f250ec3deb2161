package io.uloop.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * The calls of one connection's handler, never one inside another, and what came of them: a call
 * that throws ends the connection. As a task, {@link #run}, the last call.
 */
final class HandlerCalls implements Runnable {
    /** One of the handler's methods. */
    @FunctionalInterface
    interface Callback {
        void call(ConnectionHandler handler, Connection connection) throws Exception;
    }

    private final SocketConnection connection;
    private final ConnectionHandler handler;
    private boolean over;
    private @Nullable Throwable cause;
    private @Nullable Throwable thrown; // first

    HandlerCalls(SocketConnection connection, ConnectionHandler handler) {
        this.connection = connection;
        this.handler = handler;
    }

    /** Says what the end is due to; what is said first counts. */
    void blame(@Nullable Throwable reason) {
        if (cause == null) {
            cause = reason;
        } else if (reason != null && reason != cause) {
            cause.addSuppressed(reason);
        }
    }

    void call(Callback callback) {
        if (connection.isGone()) {
            return;
        }
        try {
            callback.call(handler, connection);
        } catch (Exception | Error e) {
            fail(e);
        }
    }

    void received(ByteBuffer data) {
        try {
            handler.received(connection, data);
        } catch (Exception | Error e) {
            fail(e);
        }
    }

    /** The connection did not come about, and there is no other call. */
    void openFailed(IOException failure) {
        over = true;
        connection.leaveLoop();
        handler.openFailed(failure);
    }

    /** The group of the loop begins to shut down: no handshake of a client's goes on. */
    void shutdownBegins() {
        if (handler instanceof TlsProtocol protocol) {
            protocol.shutdownBegins();
        }
    }

    private void fail(Throwable failure) {
        if (failure instanceof Error error && !isContained(error)) {
            connection.end(failure, true);
            throw error;
        }
        if (thrown == null) {
            thrown = failure;
        }
        connection.end(failure, true);
    }

    /** Ends the connection for an error that concerns no other. */
    void contain(VirtualMachineError failure) {
        if (!isContained(failure)) {
            throw failure;
        }
        fail(failure);
    }

    /**
     * Memory and stack are used up for one connection, often by what its peer sent; the loop can
     * serve the others. After any other error nobody knows that.
     */
    static boolean isContained(Throwable failure) {
        return failure instanceof OutOfMemoryError || failure instanceof StackOverflowError;
    }

    /** The loop gets what the handler has thrown, to log and report it. */
    @Override
    public void run() {
        if (over) {
            return;
        }
        over = true;
        connection.leaveLoop();
        Throwable failure = thrown;
        try {
            handler.closed(connection, cause);
        } catch (Exception | OutOfMemoryError | StackOverflowError e) {
            if (failure == null) {
                failure = e;
            } else if (failure != e) {
                failure.addSuppressed(e);
            }
        }
        if (failure instanceof Exception exception) {
            HandlerCalls.<RuntimeException>raise(exception);
        } else if (failure != null) { // an error would end the loop
            HandlerCalls.<RuntimeException>raise(
                    new ExecutionException(connection + " ended: " + failure, failure));
        }
    }

    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    private static <E extends Exception> void raise(Exception failure) throws E {
        throw (E) failure; // a task of the loop may throw anything, though Runnable does not say so
    }
}
