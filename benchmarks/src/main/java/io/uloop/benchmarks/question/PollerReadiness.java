package io.uloop.benchmarks.question;

import io.uloop.poller.EventSink;
import io.uloop.poller.Poller;
import io.uloop.poller.PollerProvider;
import java.io.IOException;
import java.nio.ByteBuffer;

/** A backend of Uloop. A socket's number is its descriptor. */
final class PollerReadiness implements Readiness {
    private final Sockets sockets;
    private final Poller poller;

    PollerReadiness(PollerProvider provider) throws IOException {
        sockets = new Sockets(provider.descriptors());
        poller = provider.open();
    }

    @Override
    public int datagram(boolean ready) throws IOException {
        return sockets.datagram(ready);
    }

    @Override
    public Pair pair() throws IOException {
        return sockets.pair();
    }

    @Override
    public int listener() throws IOException {
        return sockets.listener();
    }

    @Override
    public int connect() throws IOException {
        return sockets.connect();
    }

    @Override
    public int accept(int listener) throws IOException {
        return sockets.accept(listener);
    }

    @Override
    public void close(int socket) throws IOException {
        sockets.close(socket);
    }

    @Override
    public void add(int socket, int interest) throws IOException {
        poller.add(socket, interest);
    }

    @Override
    public void modify(int socket, int interest) throws IOException {
        poller.modify(socket, interest);
    }

    @Override
    public void remove(int socket) throws IOException {
        poller.remove(socket);
    }

    @Override
    public int poll(EventSink sink) throws IOException {
        return poller.poll(0, sink);
    }

    @Override
    public int read(int socket, ByteBuffer target) throws IOException {
        return sockets.descriptors.read(socket, target);
    }

    @Override
    public int write(int socket, ByteBuffer source) throws IOException {
        return sockets.descriptors.write(socket, source);
    }

    @Override
    public void close() throws IOException {
        poller.close();
        sockets.close();
    }
}
