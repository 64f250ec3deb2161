package io.uloop.net;

import io.uloop.EventHandler;
import io.uloop.Uloop;
import io.uloop.poller.ClosedPollerException;
import io.uloop.poller.Descriptors;
import io.uloop.poller.PollerException;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.net.StandardProtocolFamily;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.channels.UnsupportedAddressTypeException;
import org.jspecify.annotations.Nullable;

/** One socket on one loop: what listeners and channels have in common. */
final class Endpoint {
    private final Uloop loop;
    private final Descriptors descriptors;
    private final int fd;
    private boolean registered;
    private volatile boolean closed;

    Endpoint(Uloop loop, int fd) {
        this.loop = loop;
        this.descriptors = loop.descriptors();
        this.fd = fd;
    }

    /** The family that a socket for this address must be of. */
    static ProtocolFamily family(SocketAddress address) {
        if (!(address instanceof InetSocketAddress inet)) {
            throw new UnsupportedAddressTypeException();
        }
        InetAddress ip = inet.getAddress();
        if (ip == null) {
            throw new UnresolvedAddressException();
        }
        return ip instanceof Inet4Address
                ? StandardProtocolFamily.INET
                : StandardProtocolFamily.INET6;
    }

    Uloop loop() {
        return loop;
    }

    Descriptors descriptors() {
        return descriptors;
    }

    int fd() {
        return fd;
    }

    /** The descriptor for one more operation. */
    int openFd() throws ClosedChannelException {
        if (closed) {
            throw new ClosedChannelException();
        }
        return fd;
    }

    boolean isOpen() {
        return !closed;
    }

    void register(int interest, EventHandler handler) throws IOException {
        loop.add(openFd(), interest, handler);
        registered = true;
    }

    void modify(int interest) throws IOException {
        loop.modify(openFd(), interest);
    }

    /** Leaves the loop; nothing if not registered or if the loop is closed. */
    void unregister() throws IOException {
        if (!registered) {
            return;
        }
        try {
            if (loop.isOpen()) {
                loop.remove(fd);
            }
        } catch (PollerException e) {
            if (!e.errno().equals("ENOENT")) { // removed by its number, which is what is wanted
                throw e;
            }
        } catch (ClosedPollerException e) {
            // Closed since the question: a closed loop watches nothing, there is nothing to leave.
        }
        registered = false;
    }

    /** Leaves the loop, then closes the descriptor; nothing the second time. */
    void close() throws IOException {
        if (closed) {
            return;
        }
        unregister();
        closed = true;
        descriptors.close(fd);
    }

    @Nullable SocketAddress localAddress() throws IOException {
        return descriptors.localAddress(openFd());
    }

    @Nullable SocketAddress remoteAddress() throws IOException {
        return descriptors.remoteAddress(openFd());
    }

    <T> void setOption(SocketOption<T> option, T value) throws IOException {
        descriptors.setOption(openFd(), option, value);
    }

    <T> @Nullable T option(SocketOption<T> option) throws IOException {
        return descriptors.option(openFd(), option);
    }

    /** Closes because of a failure, which stays what the caller gets. */
    void closeAfter(Throwable failure) {
        try {
            close();
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }

    String describe(String type) {
        return type + "[fd=" + fd + (closed ? ", closed" : "") + ']';
    }
}
