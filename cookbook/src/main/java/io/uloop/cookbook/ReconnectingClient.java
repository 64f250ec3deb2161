package io.uloop.cookbook;

import io.uloop.Uloop;
import io.uloop.connection.Connection;
import io.uloop.connection.ConnectionHandler;
import io.uloop.connection.ConnectionOptions;
import io.uloop.connection.Connector;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** Prints what a server sends, and connects again whenever the connection ends. */
final class ReconnectingClient implements ConnectionHandler {
    private static final Duration SHORTEST = Duration.ofMillis(100);
    private static final Duration LONGEST = Duration.ofSeconds(30);

    private final Uloop loop;
    private final InetSocketAddress server;
    private Duration pause = SHORTEST;

    ReconnectingClient(Uloop loop, InetSocketAddress server) {
        this.loop = loop;
        this.server = server;
    }

    public static void main(String[] arguments) throws IOException {
        var server = new InetSocketAddress("localhost", Integer.getInteger("port", 7000));
        try (Uloop loop = Uloop.open()) {
            new ReconnectingClient(loop, server).connect();
            loop.run();
        }
    }

    void connect() {
        Connector.connect(loop, List.of(server), ConnectionOptions.DEFAULTS, this);
    }

    /** Pauses twice as long after each failure, with jitter so that clients do not come at once. */
    private void connectLater() {
        double jitter = ThreadLocalRandom.current().nextDouble(0.5, 1);
        loop.callLater(Duration.ofNanos((long) (pause.toNanos() * jitter)), this::connect);
        Duration doubled = pause.multipliedBy(2);
        pause = doubled.compareTo(LONGEST) < 0 ? doubled : LONGEST;
    }

    @Override
    public void openFailed(IOException cause) {
        System.out.println("no connection: " + cause.getMessage());
        connectLater();
    }

    /** A server that has said something works, so the next pause is short again. */
    @Override
    public void received(Connection connection, ByteBuffer data) {
        pause = SHORTEST;
        System.out.print(StandardCharsets.UTF_8.decode(data));
    }

    @Override
    public void closed(Connection connection, @Nullable Throwable cause) {
        connectLater();
    }
}
