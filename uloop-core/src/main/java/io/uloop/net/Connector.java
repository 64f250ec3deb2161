package io.uloop.net;

import io.uloop.EventHandler;
import io.uloop.Timer;
import io.uloop.Uloop;
import io.uloop.poller.PollerException;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.net.ConnectException;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Connects to the first of several addresses that answers, as RFC 8305 ("Happy Eyeballs") has it:
 * the families take turns, an address that does not answer in some time gets company from the next
 * one, one that fails is followed by the next one at once, and the first connection wins.
 *
 * <p>Every method is for the thread that runs the loop, or while none does for any one thread.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc8305">RFC 8305</a>
 */
public final class Connector {
    /** How often a full backlog is tried again. */
    private static final Duration RETRY_DELAY = Duration.ofMillis(20);

    private final Uloop loop;
    private final ConnectionOptions options;
    private final ConnectionHandler handler;
    private final List<SocketAddress> addresses;
    private final List<Attempt> attempts = new ArrayList<>();
    private final List<IOException> failures = new ArrayList<>();
    private final Timer next;
    private final Deadline deadline; // from the first attempt on
    private final LoopMember member = new Member();

    /** Those of unix-domain listeners whose backlog is full, which no event reports as free. */
    private final List<SocketAddress> crowded = new ArrayList<>();

    private @Nullable Timer retry;
    private int begun;
    private boolean over;

    private Connector(
            Uloop loop,
            List<SocketAddress> addresses,
            ConnectionOptions options,
            ConnectionHandler handler) {
        this.loop = loop;
        this.addresses = addresses;
        this.options = options;
        this.handler = handler;
        deadline =
                new Deadline(
                        loop, options.connectTimeout(), this::look, () -> begun, this::timedOut);
        next = loop.callLater(Duration.ZERO, this::goOn);
        LoopMembers.of(loop).join(member);
    }

    /**
     * Starts to connect. The handler is told how it ends, in a later turn: {@link
     * ConnectionHandler#opened}, or {@link ConnectionHandler#openFailed} once every address has
     * failed, {@link ConnectionOptions.Builder#connectTimeout} is over or the loop is closed.
     *
     * <p>A unix-domain listener whose backlog is full is tried again until the time is over. A TCP
     * socket that has connected to itself, as can happen where nobody listens on a port of the
     * ephemeral range, counts as refused.
     *
     * @param loop the loop that will serve the connection
     * @param addresses 1 or more, best first, as name services give them; names must be resolved,
     *     which would block here
     * @param options how to connect, and for the connection
     * @param handler the connection's
     * @return what calls it off
     * @throws IllegalArgumentException if there is no address
     * @throws java.nio.channels.UnresolvedAddressException if a host name is not resolved
     * @throws java.nio.channels.UnsupportedAddressTypeException if one is neither an internet nor a
     *     unix-domain address
     * @throws IllegalStateException if another thread runs the loop, or it is closed
     */
    public static Connector connect(
            Uloop loop,
            List<? extends SocketAddress> addresses,
            ConnectionOptions options,
            ConnectionHandler handler) {
        Objects.requireNonNull(options, "options");
        Objects.requireNonNull(handler, "handler");
        if (addresses.isEmpty()) {
            throw new IllegalArgumentException("there is no address to connect to");
        }
        return new Connector(loop, interleaved(addresses), options, handler);
    }

    /**
     * Calls it off: the handler is not told of anything. Nothing once the handler has been called.
     *
     * @return true if it was under way
     * @throws IllegalStateException if another thread runs the loop
     */
    public boolean cancel() {
        if (over) {
            return false;
        }
        stop();
        return true;
    }

    /** The families by turns, that of the first address first; the order within each stays. */
    static List<SocketAddress> interleaved(List<? extends SocketAddress> addresses) {
        ProtocolFamily first = family(addresses.get(0));
        List<SocketAddress> ones = new ArrayList<>();
        List<SocketAddress> others = new ArrayList<>();
        for (SocketAddress address : addresses) {
            (family(address).equals(first) ? ones : others).add(address);
        }
        List<SocketAddress> all = new ArrayList<>();
        for (int i = 0; all.size() < addresses.size(); i++) {
            if (i < ones.size()) {
                all.add(ones.get(i));
            }
            if (i < others.size()) {
                all.add(others.get(i));
            }
        }
        return all;
    }

    private static ProtocolFamily family(SocketAddress address) {
        return LoopSocket.isUnix(address)
                ? StandardProtocolFamily.UNIX
                : LoopSocket.inetFamily(address);
    }

    private StreamChannel channel(SocketAddress address) throws IOException {
        return LoopSocket.isUnix(address)
                ? UnixChannel.connect(loop, address)
                : TcpChannel.connect(loop, address);
    }

    /** It is time for the next address. */
    private void goOn() {
        if (begun == 0) {
            deadline.start();
        }
        look();
        if (!over) {
            begin();
        }
    }

    /** Sees how the attempts are doing, without waiting for an event. */
    private void look() {
        for (Attempt attempt : List.copyOf(attempts)) {
            if (!over) {
                attempt.look();
            }
        }
    }

    /** Tries the next address; if there is none left, waits for those that are tried. */
    private void begin() {
        while (begun < addresses.size()) {
            SocketAddress address = addresses.get(begun++);
            if (isUnderWay(address)) {
                next.reschedule(options.attemptDelay());
                return;
            }
        }
        if (attempts.isEmpty() && crowded.isEmpty()) {
            fail(new ConnectException("cannot connect to " + addresses));
        }
    }

    /** Tries an address; false if it has failed. */
    private boolean isUnderWay(SocketAddress address) {
        try {
            Attempt attempt = new Attempt(channel(address));
            attempt.register();
            attempts.add(attempt);
            return true;
        } catch (IOException e) {
            if (LoopSocket.isUnix(address) && isFull(e)) {
                crowded.add(address);
                retryLater();
                return true;
            }
            failures.add(e);
            return false;
        }
    }

    private static boolean isFull(IOException failure) {
        return failure instanceof PollerException poller && poller.errno().equals("EAGAIN");
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
            underWay &= isUnderWay(address);
        }
        if (!underWay) {
            begin(); // one that has failed is followed by the next at once
        }
    }

    private void timedOut() {
        String full = crowded.isEmpty() ? "" : "; the backlog of " + crowded + " is full (EAGAIN)";
        fail(
                new SocketTimeoutException(
                        "no connection to "
                                + addresses.subList(0, begun)
                                + " in "
                                + options.connectTimeout()
                                + full));
    }

    private void fail(IOException failure) {
        failures.forEach(failure::addSuppressed);
        stop();
        handler.openFailed(failure);
    }

    /** Leaves nothing behind. */
    private void stop() {
        over = true;
        member.leaveLoop();
        next.cancel();
        deadline.cancel();
        if (retry != null) {
            retry.cancel();
        }
        crowded.clear();
        attempts.forEach(Attempt::close);
        attempts.clear();
    }

    /** Has the attempts fail at the end of the loop. */
    private final class Member extends LoopMember {
        @Override
        void loopClosed() {
            fail(new ConnectException("cannot connect to " + addresses + ": the loop was closed"));
        }
    }

    /** One address that is being tried. */
    private final class Attempt implements EventHandler {
        private final StreamChannel channel;

        Attempt(StreamChannel channel) {
            this.channel = channel;
        }

        void register() throws IOException {
            try {
                channel.register(UEvent.OUT, this);
            } catch (IOException e) {
                channel.closeAfter(e);
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
                requireOther();
                channel.unregister();
            } catch (IOException e) {
                attempts.remove(this);
                channel.closeAfter(e);
                failures.add(e);
                begin();
                return;
            }
            attempts.remove(this);
            stop();
            Connection.open(channel, options, handler);
        }

        /** Fails if the kernel has given it the port as its own that it was to connect to. */
        private void requireOther() throws IOException {
            SocketAddress remote = channel.getRemoteAddress();
            if (channel instanceof TcpChannel
                    && remote != null
                    && remote.equals(channel.getLocalAddress())) {
                throw new PollerException(
                        "connect",
                        remote.toString(),
                        channel.fd(),
                        "ECONNREFUSED",
                        "nobody listens there, and the socket has connected to itself");
            }
        }

        void close() {
            try {
                channel.close();
            } catch (IOException e) {
                failures.add(e); // of a socket that nobody wants; it is closed all the same
            }
        }
    }
}
