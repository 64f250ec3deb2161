package io.uloop.cookbook;

import io.uloop.connection.Connection;
import io.uloop.connection.ConnectionHandler;
import io.uloop.connection.ConnectionOptions;
import io.uloop.group.GroupListener;
import io.uloop.group.UloopGroup;
import jakarta.annotation.PostConstruct;
import jakarta.annotation.PreDestroy;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * A service that starts and stops with a container of Jakarta beans. In Quarkus, annotate it with
 * {@code @Startup} and {@code @ApplicationScoped}.
 */
@SuppressWarnings("NullAway.Init") // the container calls start first
class ManagedService {
    private static final Duration GRACE = Duration.ofSeconds(5);

    private final InetSocketAddress address;
    private final Supplier<? extends ConnectionHandler> handlers;
    private UloopGroup group;
    private GroupListener listener;

    ManagedService(InetSocketAddress address, Supplier<? extends ConnectionHandler> handlers) {
        this.address = address;
        this.handlers = handlers;
    }

    @PostConstruct
    void start() throws IOException {
        group = UloopGroup.builder().name("service").build();
        try {
            var acceptor = Connection.acceptor(ConnectionOptions.DEFAULTS, handlers);
            listener = GroupListener.open(group, address, acceptor);
        } catch (IOException | RuntimeException e) {
            group.close(); // the container does not destroy a bean that has failed to start
            throw e;
        }
    }

    /** Clients have some time to finish. Then the threads end, so a redeployment leaves nothing. */
    @PreDestroy
    void stop() throws InterruptedException {
        try (UloopGroup ending = group) {
            var unused = ending.shutdown(GRACE);
        }
    }

    SocketAddress localAddress() {
        return listener.localAddress();
    }
}
