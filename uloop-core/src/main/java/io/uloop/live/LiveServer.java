package io.uloop.live;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.uloop.Uloop;
import io.uloop.connection.Connection;
import io.uloop.connection.ConnectionOptions;
import io.uloop.net.TcpListener;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Serves the page on a loop that serves nothing else, so that it does not delay the loops that it
 * shows.
 *
 * <p>Not thread-safe: call from the loop's thread.
 */
final class LiveServer implements AutoCloseable {
    /** How many clients get events at once. Further ones are refused. */
    static final int MAX_STREAMS = 16;

    /**
     * How many other clients are connected at once. A further one resets the oldest, so that
     * clients which do not complete their request cannot lock others out. A browser's request
     * arrives with its connection, and a turn of the loop accepts half as many.
     */
    static final int MAX_WAITING = 128;

    /** Replaces it once the process has run out of descriptors: the program needs them more. */
    private static final int FEW_WAITING = 16;

    private static final ConnectionOptions OPTIONS =
            ConnectionOptions.builder()
                    .writeTimeout(Duration.ofSeconds(10))
                    .closeTimeout(Duration.ofSeconds(2))
                    .closeLimit(Duration.ofSeconds(10))
                    .build();

    private final Uloop loop;
    private final ShownLoops loops;
    private final PageText text;
    private final HostCheck hosts;
    private final LoopSamples samples;
    private final LiveReport report;
    private final TcpListener listener;
    private final Set<LiveClient> subscribers = new LinkedHashSet<>();
    private final Set<LiveClient> waiting = new LinkedHashSet<>(); // the oldest first
    private int maxWaiting = MAX_WAITING;
    private @Nullable String latest; // the report since the last sample, if somebody wanted it
    private boolean ending;

    LiveServer(
            Uloop loop,
            ShownLoops loops,
            InetSocketAddress address,
            boolean remote,
            Duration period)
            throws IOException {
        this.loop = loop;
        this.loops = loops;
        text = PageText.load();
        hosts = new HostCheck(remote, address.getHostString());
        samples = new LoopSamples(loops);
        report = new LiveReport(loops, samples);
        listener = TcpListener.open(loop, address);
        try {
            listener.refuseWhenFull(true);
            listener.register(Connection.acceptor(OPTIONS, () -> new LiveClient(this)));
            samples.take();
            loop.callEvery(period, this::sample);
        } catch (IOException | RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    /** {@return the bound address, with the actual port} */
    InetSocketAddress localAddress() throws IOException {
        return (InetSocketAddress) Objects.requireNonNull(listener.getLocalAddress());
    }

    HostCheck hosts() {
        return hosts;
    }

    Response page() {
        return Response.ok("text/html; charset=utf-8", text.policy(), text.html());
    }

    Response metrics() {
        return Response.ok("application/json", "", json() + "\n");
    }

    /** Returns the report. Writes it once per sample, however often clients ask. */
    private String json() {
        String known = latest;
        if (known == null) {
            known = report.json();
            latest = known;
        }
        return known;
    }

    /** Adds a client that has connected, and makes room for it. */
    void connected(LiveClient client) {
        resetOldest(maxWaiting - 1);
        waiting.add(client);
    }

    /** Resets waiting clients, the oldest first, until a number of them is left. */
    private void resetOldest(int left) {
        while (waiting.size() > left) {
            LiveClient oldest = waiting.iterator().next();
            waiting.remove(oldest);
            oldest.abort();
        }
    }

    /** Returns whether one more client may get events. */
    boolean hasStream() {
        return subscribers.size() < MAX_STREAMS;
    }

    /** Sends the state to a client, now and after each sample. */
    void subscribe(LiveClient client) {
        waiting.remove(client);
        subscribers.add(client);
        client.send(event());
    }

    void disconnected(LiveClient client) {
        waiting.remove(client);
        subscribers.remove(client);
    }

    /**
     * Takes a sample. Ends the page one sample after it has shown that no loop will run any more.
     */
    private void sample() {
        boolean open = loops.isOpen();
        samples.take();
        latest = null;
        if (listener.refused() > 0) { // no descriptor was left
            maxWaiting = FEW_WAITING;
            resetOldest(maxWaiting);
        }
        if (!subscribers.isEmpty()) {
            ByteBuffer event = event();
            List.copyOf(subscribers).forEach(client -> client.send(event.duplicate()));
        }
        if (!open && ending) {
            loop.close();
        }
        ending = !open;
    }

    private ByteBuffer event() {
        return ByteBuffer.wrap(("data: " + json() + "\n\n").getBytes(UTF_8));
    }

    @Override
    public void close() throws IOException {
        samples.close();
        listener.close();
    }
}
