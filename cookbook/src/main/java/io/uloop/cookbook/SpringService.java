package io.uloop.cookbook;

import io.uloop.connection.Connection;
import io.uloop.connection.ConnectionHandler;
import io.uloop.connection.ConnectionOptions;
import io.uloop.group.GroupListener;
import io.uloop.group.UloopGroup;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;

/** A service that starts and stops with a Spring application context. */
final class SpringService implements SmartLifecycle {
    private static final Duration GRACE = Duration.ofSeconds(5);

    private final InetSocketAddress address;
    private final Supplier<? extends ConnectionHandler> handlers;
    private @Nullable UloopGroup group;
    private @Nullable GroupListener listener;

    SpringService(InetSocketAddress address, Supplier<? extends ConnectionHandler> handlers) {
        this.address = address;
        this.handlers = handlers;
    }

    /** Called when all beans are ready, so handlers may use them. */
    @Override
    public synchronized void start() {
        try {
            group = UloopGroup.builder().name("service").build();
            var acceptor = Connection.acceptor(ConnectionOptions.DEFAULTS, handlers);
            listener = GroupListener.open(group, address, acceptor);
        } catch (IOException e) {
            stop();
            throw new UncheckedIOException("cannot serve " + address, e); // ends the start
        } catch (RuntimeException e) { // for example of an address that is not resolved
            stop(); // Spring does not stop a bean that has failed to start
            throw e;
        }
    }

    /** Called before any bean is destroyed. Clients have some time to finish. */
    @Override
    public synchronized void stop() {
        if (group == null) {
            return;
        }
        try (UloopGroup ending = group) {
            var unused = ending.shutdown(GRACE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the close has ended the rest
        }
        group = null;
    }

    @Override
    public synchronized boolean isRunning() {
        return group != null;
    }

    synchronized SocketAddress localAddress() {
        return Objects.requireNonNull(listener, "not started").localAddress();
    }
}
