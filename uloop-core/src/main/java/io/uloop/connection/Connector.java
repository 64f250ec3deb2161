package io.uloop.connection;

import static java.util.stream.Collectors.joining;

import io.uloop.EventHandler;
import io.uloop.Timer;
import io.uloop.Uloop;
import io.uloop.descriptor.SelfConnect;
import io.uloop.net.StreamChannel;
import io.uloop.net.TcpChannel;
import io.uloop.poller.Errno;
import io.uloop.poller.PollerException;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.channels.UnsupportedAddressTypeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Connects to the first of several addresses that answers, as described by RFC 8305 ("Happy
 * Eyeballs"). Address families alternate. If an address does not answer in time, the next one is
 * tried in parallel. If an address fails, the next one is tried at once. The first connection wins.
 *
 * <pre>{@code
 * List<InetSocketAddress> addresses = List.of(new InetSocketAddress("localhost", 7000));
 * Connector attempt = Connector.connect(loop, addresses, options, handler);
 * }</pre>
 *
 * <p>Not thread-safe: call from the loop's thread. While no thread runs the loop, any one thread
 * may call. Calls from other threads throw {@link IllegalStateException}.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc8305">RFC 8305</a>
 * @since 0.1
 */
public final class Connector {
    /** The delay between attempts while a backlog is full. */
    private static final Duration RETRY_DELAY = Duration.ofMillis(20);

    private final Uloop loop;
    private final ConnectionOptions options;
    private final ConnectionHandler handler;
    private final List<SocketAddress> addresses;
    private final StreamPreparation preparation;
    private final List<Attempt> attempts = new ArrayList<>();
    private final List<IOException> failures = new ArrayList<>();
    private final Timer next;
    private final Deadline deadline; // from the first attempt on
    private final LoopMember member = new Member();

    /** Unix-domain listeners whose backlog is full. No event reports when it has room again. */
    private final List<SocketAddress> crowded = new ArrayList<>();

    private @Nullable Timer retry;
    private int begun;
    private boolean over;

    private Connector(
            Uloop loop,
            List<SocketAddress> addresses,
            StreamPreparation preparation,
            ConnectionOptions options,
            ConnectionHandler handler) {
        this.loop = loop;
        this.addresses = addresses;
        this.preparation = preparation;
        this.options = options;
        this.handler = handler;
        deadline =
                new Deadline(
                        loop, options.connectTimeout(), this::look, () -> begun, this::timedOut);
        next = loop.callLater(Duration.ZERO, this::goOn);
        LoopMembers.of(loop).join(member);
    }

    /**
     * Starts to connect. In a later turn, calls {@link ConnectionHandler#opened}, or {@link
     * ConnectionHandler#openFailed} if every address has failed, {@link
     * ConnectionOptions.Builder#connectTimeout} expires or the loop is closed.
     *
     * <p>While the backlog of a unix-domain listener is full, the connect is retried until the
     * timeout. A TCP socket can connect to itself if nothing listens on a port of the ephemeral
     * range; this counts as refused.
     *
     * @param loop the loop that will serve the connection
     * @param addresses 1 or more resolved addresses, best first, in the order that a name service
     *     returns. Resolving a name here would block
     * @param options the options of the attempt and of the connection
     * @param handler the connection's handler
     * @return the attempt, to be cancelled if it is no longer needed
     * @throws IllegalArgumentException if {@code addresses} is empty
     * @throws UnresolvedAddressException if an address is not resolved
     * @throws UnsupportedAddressTypeException if an address is neither an internet nor a
     *     unix-domain address
     * @throws IllegalStateException if the loop is closed
     */
    public static Connector connect(
            Uloop loop,
            List<? extends SocketAddress> addresses,
            ConnectionOptions options,
            ConnectionHandler handler) {
        return connect(loop, addresses, socket -> {}, options, handler);
    }

    /**
     * Starts to connect with sockets that are prepared, for example bound to a local address.
     *
     * <pre>{@code
     * Connector.connect(loop, addresses, socket -> socket.bind(local), options, handler);
     * }</pre>
     *
     * @param loop the loop that will serve the connection
     * @param addresses 1 or more resolved addresses, best first
     * @param preparation prepares the socket of each attempt
     * @param options the options of the attempt and of the connection
     * @param handler the connection's handler
     * @return the attempt, to be cancelled if it is no longer needed
     * @throws IllegalArgumentException if {@code addresses} is empty
     * @throws UnresolvedAddressException if an address is not resolved
     * @throws UnsupportedAddressTypeException if an address is neither an internet nor a
     *     unix-domain address
     * @throws IllegalStateException if the loop is closed
     */
    public static Connector connect(
            Uloop loop,
            List<? extends SocketAddress> addresses,
            StreamPreparation preparation,
            ConnectionOptions options,
            ConnectionHandler handler) {
        Objects.requireNonNull(preparation, "preparation");
        Objects.requireNonNull(options, "options");
        Objects.requireNonNull(handler, "handler");
        if (addresses.isEmpty()) {
            throw new IllegalArgumentException("cannot connect: the list of addresses is empty");
        }
        return new Connector(loop, Addresses.interleaved(addresses), preparation, options, handler);
    }

    /**
     * Cancels the attempt. The handler is not called. Has no effect once the handler has been
     * called.
     *
     * @return true if the attempt was in progress
     */
    public boolean cancel() {
        if (over) {
            return false;
        }
        stop();
        return true;
    }

    /** Starts the next attempt, when its delay is over. */
    private void goOn() {
        if (begun == 0) {
            deadline.start();
        }
        look();
        if (!over) {
            begin();
        }
    }

    /** Checks the attempts without waiting for an event. */
    private void look() {
        for (Attempt attempt : List.copyOf(attempts)) {
            if (!over) {
                attempt.look();
            }
        }
    }

    /** Tries the next address. If none is left, waits for the attempts in progress. */
    private void begin() {
        while (!over && begun < addresses.size()) {
            SocketAddress address = addresses.get(begun++);
            if (isUnderWay(address)) {
                next.reschedule(options.attemptDelay());
                return;
            }
        }
        if (!over && attempts.isEmpty() && crowded.isEmpty()) {
            fail(new ConnectException("cannot connect to " + addresses + reasons()));
        }
    }

    /** Tries an address. Returns false if it has failed or the preparation has ended all this. */
    private boolean isUnderWay(SocketAddress address) {
        try {
            Attempt attempt = new Attempt(Addresses.connect(loop, address, this::prepare));
            attempt.register();
            attempts.add(attempt);
            return true;
        } catch (IOException | RuntimeException | Error e) {
            if (over) {
                rethrowFatal(e);
                return false;
            }
            if (Addresses.isUnix(address) && isFull(e)) {
                crowded.add(address);
                retryLater();
                return true;
            }
            failed("cannot connect to " + address, e);
            return false;
        }
    }

    private void prepare(StreamChannel socket) throws IOException {
        preparation.prepare(socket);
        if (over) {
            throw new IOException("cancelled by its preparation");
        }
    }

    /** Notes why an address cannot be used. A fatal error ends all attempts and is rethrown. */
    private void failed(String what, Throwable reason) {
        IOException failure = failure(what, reason);
        if (isFatal(reason)) {
            fail(failure);
            rethrowFatal(reason);
        }
        failures.add(failure);
    }

    private static IOException failure(String what, Throwable reason) {
        return reason instanceof IOException failure
                ? failure
                : new IOException(what + ": " + reason, reason);
    }

    /** Returns whether a failure concerns more than one connection. */
    private static boolean isFatal(Throwable failure) {
        return failure instanceof Error && !Ending.isContained(failure);
    }

    private static void rethrowFatal(Throwable failure) {
        if (failure instanceof Error error && isFatal(failure)) {
            throw error;
        }
    }

    private static boolean isFull(Throwable failure) {
        return failure instanceof PollerException poller && poller.errno() == Errno.EAGAIN;
    }

    private void retryLater() {
        if (retry == null) {
            retry = loop.callLater(RETRY_DELAY, this::retry);
        } else if (!retry.isActive()) {
            retry.reschedule(RETRY_DELAY);
        }
    }

    private void retry() {
        List<SocketAddress> again = List.copyOf(crowded);
        crowded.clear();
        boolean underWay = true;
        for (SocketAddress address : again) {
            underWay &= !over && isUnderWay(address);
        }
        if (!underWay) {
            begin(); // a failed address is followed by the next at once
        }
    }

    /** Opens the connection, and calls the handler in every case. */
    private void open(StreamChannel channel) {
        SocketConnection connection;
        try {
            connection = new SocketConnection(channel, options, handler);
            connection.join();
        } catch (IOException | RuntimeException | Error e) {
            SocketConnection.closeAfter(channel, e);
            handler.openFailed(failure("cannot open a connection on " + channel, e));
            rethrowFatal(e);
            return;
        }
        connection.begin();
    }

    private void timedOut() {
        String full = crowded.isEmpty() ? "" : "; the backlog of " + crowded + " is full (EAGAIN)";
        fail(
                new SocketTimeoutException(
                        "cannot connect to "
                                + addresses.subList(0, begun)
                                + " within "
                                + options.connectTimeout()
                                + full
                                + reasons()));
    }

    /** Returns the failures so far as the end of a message. */
    private String reasons() {
        return failures.isEmpty()
                ? ""
                : failures.stream().map(Throwable::getMessage).collect(joining("; ", ": ", ""));
    }

    private void fail(IOException failure) {
        failures.forEach(failure::addSuppressed);
        stop();
        handler.openFailed(failure);
    }

    /** Cancels all timers and closes all attempts. */
    private void stop() {
        over = true;
        member.leaveLoop();
        next.close();
        deadline.cancel();
        if (retry != null) {
            retry.close();
        }
        crowded.clear();
        attempts.forEach(Attempt::close);
        attempts.clear();
    }

    /** Fails the attempts when the loop is closed. */
    private final class Member extends LoopMember {
        @Override
        void loopClosed() {
            fail(new ConnectException("cannot connect to " + addresses + ": its loop was closed"));
        }
    }

    /** A connect to one address. */
    private final class Attempt implements EventHandler {
        private final StreamChannel channel;

        Attempt(StreamChannel channel) {
            this.channel = channel;
        }

        void register() throws IOException {
            try {
                channel.register(UEvent.OUT, this);
            } catch (IOException | RuntimeException | Error e) {
                SocketConnection.closeAfter(channel, e);
                throw e;
            }
        }

        @Override
        public void processEvent(int fd, int events) {
            look();
        }

        void look() {
            try {
                if (!channel.finishConnect()) {
                    return;
                }
                if (channel instanceof TcpChannel) {
                    SelfConnect.refuse(
                            channel.fd(), channel.getLocalAddress(), channel.getRemoteAddress());
                }
                channel.unregister();
            } catch (IOException | RuntimeException | Error e) {
                attempts.remove(this);
                SocketConnection.closeAfter(channel, e);
                failed("cannot connect " + channel, e);
                begin();
                return;
            }
            attempts.remove(this);
            stop();
            open(channel);
        }

        void close() {
            try {
                channel.close();
            } catch (IOException e) {
                failures.add(e); // close(2) released the descriptor all the same
            }
        }
    }
}
