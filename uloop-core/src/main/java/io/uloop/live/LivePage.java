package io.uloop.live;

import io.uloop.Uloop;
import io.uloop.group.UloopGroup;
import io.uloop.observe.Log;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;

/**
 * A page for a browser that shows what loops do: turns and events per second, the load, how long
 * turns take, connections, slow callbacks, and the registered descriptors with their handlers. It
 * updates once a second. The same values are at {@code /metrics.json}.
 *
 * <pre>{@code
 * LivePage page = LivePage.open(loop, new InetSocketAddress("127.0.0.1", 7070));
 * System.out.println("live at " + page.uri());
 * }</pre>
 *
 * <p>The page is read-only and served on the loopback address, unless {@link
 * LivePageBuilder#allowRemote} says otherwise. It answers only requests for an address or the name
 * localhost, so that web pages elsewhere cannot read it through a name that they control. It names
 * classes of the program, so other users of the machine can see those.
 *
 * <p>A loop on a daemon thread serves it, at most 16 open pages at once. Nothing runs on the loops
 * that it shows, so it also works while one of them is blocked. While the page is open, each turn
 * of theirs counts its time and each registration reads the clock. Nothing is allocated per event.
 *
 * <p>The page closes a second or two after all of its loops have ended. Thread-safe.
 *
 * @since 0.1
 */
public final class LivePage implements AutoCloseable {
    private final Uloop loop;
    private final LiveServer server;
    private final Thread thread;
    private final InetSocketAddress address;

    LivePage(Uloop loop, ShownLoops loops, InetSocketAddress local, boolean remote, Duration period)
            throws IOException {
        this.loop = loop;
        server = new LiveServer(loop, loops, local, remote, period);
        try {
            address = server.localAddress();
            thread = new Thread(this::run, "uloop-live");
            thread.setDaemon(true);
            thread.start();
        } catch (IOException | RuntimeException | Error e) {
            server.close();
            throw e;
        }
    }

    /**
     * Opens a page about one loop.
     *
     * @param loop the loop, which may be opened or run later
     * @param address a loopback address; port 0 for any port
     * @return an open page
     * @throws IllegalArgumentException if it is not a loopback address
     * @throws IOException EADDRINUSE, EACCES, EMFILE, ENFILE, ENOMEM
     */
    public static LivePage open(Uloop loop, InetSocketAddress address) throws IOException {
        return builder().show(loop).address(address).build();
    }

    /**
     * Opens a page about the loops of a group, including those that replace others.
     *
     * @param group the group
     * @param address a loopback address; port 0 for any port
     * @return an open page
     * @throws IllegalArgumentException if it is not a loopback address
     * @throws IOException EADDRINUSE, EACCES, EMFILE, ENFILE, ENOMEM
     */
    public static LivePage open(UloopGroup group, InetSocketAddress address) throws IOException {
        return builder().show(group).address(address).build();
    }

    /** {@return a builder of a page about several loops or groups, or for other machines} */
    public static LivePageBuilder builder() {
        return new LivePageBuilder();
    }

    private void run() {
        try (server;
                loop) {
            serve();
        } catch (IOException e) {
            Log.error("cannot release the descriptors of the live page at " + uri(), e);
        }
    }

    private void serve() {
        try {
            loop.run();
        } catch (IOException | RuntimeException | Error e) {
            if (loop.isOpen()) { // otherwise closed before it ran
                Log.error("the live page at " + uri() + " has failed and is closed", e);
            }
        }
    }

    /** {@return the address of the page, for a browser} */
    public URI uri() {
        InetAddress host = address.getAddress();
        String literal = host.isAnyLocalAddress() ? "127.0.0.1" : host.getHostAddress();
        if (host instanceof Inet6Address && !host.isAnyLocalAddress()) {
            literal = host.isLoopbackAddress() ? "::1" : literal.replaceFirst("%.*", "");
            literal = "[" + literal + "]";
        }
        return URI.create("http://" + literal + ":" + address.getPort() + "/");
    }

    /** {@return the address on which this listens, with the actual port} */
    public InetSocketAddress localAddress() {
        return address;
    }

    /** {@return the number of connected clients} */
    int clients() {
        return loop.metrics().connections();
    }

    /** {@return whether the page is served} */
    public boolean isOpen() {
        return loop.isOpen();
    }

    /**
     * Closes the page and its connections, and waits until its thread has ended. If interrupted, it
     * does not wait. Idempotent.
     */
    @Override
    public void close() {
        loop.close();
        if (loop.inLoop()) {
            return;
        }
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Returns the address, for logs. */
    @Override
    public String toString() {
        return "LivePage[" + uri() + (isOpen() ? "]" : ", closed]");
    }
}
