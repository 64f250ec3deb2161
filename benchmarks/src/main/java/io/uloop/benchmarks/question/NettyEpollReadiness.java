package io.uloop.benchmarks.question;

import io.netty.channel.IoEvent;
import io.netty.channel.IoRegistration;
import io.netty.channel.ManualIoEventLoop;
import io.netty.channel.epoll.EpollIoEvent;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.Socket;
import io.uloop.poller.EventSink;
import io.uloop.poller.PollerProvider;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The epoll handler of Netty without channels and pipelines, over descriptors that Uloop opens. Its
 * registrations are level-triggered, as those of the other contenders are. A socket's number is its
 * descriptor.
 */
final class NettyEpollReadiness implements Readiness {
    /** A registered socket. The bits of {@link UEvent} are those of epoll. */
    private final class Handle implements EpollIoHandle {
        private final FileDescriptor descriptor;
        private @Nullable IoRegistration registration;

        Handle(int fd) {
            descriptor = new FileDescriptor(fd);
        }

        @Override
        public FileDescriptor fd() {
            return descriptor;
        }

        @Override
        public void handle(IoRegistration registration, IoEvent event) {
            int events = ((EpollIoEvent) event).ops().value();
            sink.onEvent(descriptor.intValue(), events & UEvent.INTERESTS);
            count++;
        }

        void submit(EpollIoOps interest) {
            Objects.requireNonNull(registration).submit(interest);
        }

        /** The descriptor belongs to {@link Sockets}. */
        @Override
        public void close() {}
    }

    private final Sockets sockets;
    private final ManualIoEventLoop loop =
            new ManualIoEventLoop(Thread.currentThread(), EpollIoHandler.newFactory());
    private @Nullable Handle[] handles = new Handle[64];
    private EpollIoOps lastInterest = EpollIoOps.EPOLLIN;
    private EventSink sink = (socket, events) -> {};
    private int count;
    private @Nullable Socket listening;

    /** Receives the address of an accepted connection. */
    private final byte[] peer = new byte[128];

    NettyEpollReadiness(PollerProvider provider) {
        sockets = new Sockets(provider.descriptors());
    }

    private int opened(int fd) {
        while (fd >= handles.length) {
            handles = Arrays.copyOf(handles, 2 * handles.length);
        }
        handles[fd] = new Handle(fd);
        return fd;
    }

    private Handle at(int socket) {
        return Objects.requireNonNull(handles[socket]);
    }

    @Override
    public int datagram(boolean ready) throws IOException {
        return opened(sockets.datagram(ready));
    }

    @Override
    public Pair pair() throws IOException {
        Pair pair = sockets.pair();
        return new Pair(opened(pair.first()), opened(pair.second()));
    }

    @Override
    public int listener() throws IOException {
        int fd = opened(sockets.listener());
        listening = new Socket(fd);
        return fd;
    }

    @Override
    public int connect() throws IOException {
        return sockets.connect();
    }

    @Override
    public int accept(int listener) throws IOException {
        int fd = Objects.requireNonNull(listening).accept(peer);
        if (fd < 0) {
            throw new IOException("no connection is pending");
        }
        return sockets.opened(fd);
    }

    @Override
    public void close(int socket) throws IOException {
        sockets.close(socket);
    }

    @Override
    public void add(int socket, int interest) throws IOException {
        Handle handle = at(socket);
        handle.registration = loop.register(handle).getNow();
        handle.submit(interest(interest));
    }

    @Override
    public void modify(int socket, int interest) {
        at(socket).submit(interest(interest));
    }

    /** Netty allocates an object for each combination that has no constant, such as ONESHOT. */
    private EpollIoOps interest(int interest) {
        if (interest != lastInterest.value()) {
            lastInterest =
                    switch (interest) {
                        case UEvent.IN -> EpollIoOps.EPOLLIN;
                        case UEvent.OUT -> EpollIoOps.EPOLLOUT;
                        default -> EpollIoOps.valueOf(interest);
                    };
        }
        return lastInterest;
    }

    @Override
    public void remove(int socket) {
        Objects.requireNonNull(at(socket).registration).cancel();
    }

    @Override
    public int poll(EventSink sink) {
        this.sink = sink;
        count = 0;
        loop.runNow();
        return count;
    }

    @Override
    public int read(int socket, ByteBuffer target) throws IOException {
        int position = target.position();
        int count = at(socket).descriptor.read(target, position, target.limit());
        target.position(position + Math.max(count, 0));
        return count;
    }

    @Override
    public int write(int socket, ByteBuffer source) throws IOException {
        int position = source.position();
        int count = at(socket).descriptor.write(source, position, source.limit());
        source.position(position + Math.max(count, 0));
        return count;
    }

    @Override
    public void close() throws IOException {
        NettyLoops.close(loop);
        sockets.close();
    }
}
