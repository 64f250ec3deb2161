package io.uloop.benchmarks.question;

import io.uloop.poller.EventSink;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A selector of {@code java.nio}, of the JDK or of another library. Its changes take effect with
 * the next poll.
 */
final class SelectorReadiness implements Readiness {
    /** How a selector passes on the keys of ready channels. */
    enum Style {
        /** {@link Selector#selectNow(Consumer)}. */
        CONSUMER,
        /** The set of {@link Selector#selectedKeys}. */
        KEYS
    }

    /** Opens the channels of a library. */
    interface Channels extends AutoCloseable {
        Selector selector() throws IOException;

        SelectableChannel datagram(boolean ready) throws IOException;

        /** Opens two connected channels. */
        SelectableChannel[] pair() throws IOException;

        SelectableChannel listener() throws IOException;

        SelectableChannel connect() throws IOException;

        SelectableChannel accept(SelectableChannel listener) throws IOException;

        @Override
        void close() throws IOException;
    }

    /** A channel, the attachment of its key. */
    private static final class Socket {
        final int number;
        final SelectableChannel channel;
        final @Nullable ByteChannel bytes;
        boolean oneshot;

        Socket(int number, SelectableChannel channel) {
            this.number = number;
            this.channel = channel;
            this.bytes = channel instanceof ByteChannel both ? both : null;
        }
    }

    private final Channels channels;
    private final Style style;
    private final Selector selector;
    private final Consumer<SelectionKey> deliver = this::deliver;
    private final Deque<Integer> free = new ArrayDeque<>();
    private @Nullable Socket[] sockets = new Socket[64];
    private int size;
    private EventSink sink = (socket, events) -> {};

    SelectorReadiness(Channels channels, Style style) throws IOException {
        this.channels = channels;
        this.style = style;
        selector = channels.selector();
    }

    private int opened(SelectableChannel channel) throws IOException {
        channel.configureBlocking(false);
        Integer reused = free.poll();
        int number = reused != null ? reused : size++;
        if (number == sockets.length) {
            sockets = Arrays.copyOf(sockets, 2 * number);
        }
        sockets[number] = new Socket(number, channel);
        return number;
    }

    private Socket at(int socket) {
        return Objects.requireNonNull(sockets[socket]);
    }

    private SelectionKey key(int socket) {
        return at(socket).channel.keyFor(selector);
    }

    @Override
    public int datagram(boolean ready) throws IOException {
        return opened(channels.datagram(ready));
    }

    @Override
    public Pair pair() throws IOException {
        SelectableChannel[] pair = channels.pair();
        return new Pair(opened(pair[0]), opened(pair[1]));
    }

    @Override
    public int listener() throws IOException {
        return opened(channels.listener());
    }

    @Override
    public int connect() throws IOException {
        return opened(channels.connect());
    }

    @Override
    public int accept(int listener) throws IOException {
        return opened(channels.accept(at(listener).channel));
    }

    @Override
    public void close(int socket) throws IOException {
        at(socket).channel.close();
        sockets[socket] = null;
        free.push(socket);
    }

    @Override
    public void add(int socket, int interest) throws IOException {
        Socket added = at(socket);
        added.oneshot = (interest & UEvent.ONESHOT) != 0;
        added.channel.register(selector, operations(added, interest), added);
    }

    @Override
    public void modify(int socket, int interest) {
        Socket modified = at(socket);
        modified.oneshot = (interest & UEvent.ONESHOT) != 0;
        key(socket).interestOps(operations(modified, interest));
    }

    @Override
    public void remove(int socket) {
        key(socket).cancel();
    }

    private static int operations(Socket socket, int interest) {
        int read = socket.bytes != null ? SelectionKey.OP_READ : SelectionKey.OP_ACCEPT;
        return ((interest & UEvent.IN) != 0 ? read : 0)
                | ((interest & UEvent.OUT) != 0 ? SelectionKey.OP_WRITE : 0);
    }

    @Override
    public int poll(EventSink sink) throws IOException {
        this.sink = sink;
        if (style == Style.CONSUMER) {
            return selector.selectNow(deliver);
        }
        int count = selector.selectNow();
        Set<SelectionKey> selected = selector.selectedKeys();
        for (SelectionKey key : selected) {
            deliver(key);
        }
        selected.clear();
        return count;
    }

    private void deliver(SelectionKey key) {
        Socket socket = (Socket) key.attachment();
        int ready = key.readyOps();
        if (socket.oneshot) {
            key.interestOps(0);
        }
        int in = ready & (SelectionKey.OP_READ | SelectionKey.OP_ACCEPT);
        sink.onEvent(
                socket.number,
                (in != 0 ? UEvent.IN : 0)
                        | ((ready & SelectionKey.OP_WRITE) != 0 ? UEvent.OUT : 0));
    }

    @Override
    public int read(int socket, ByteBuffer target) throws IOException {
        return Objects.requireNonNull(at(socket).bytes).read(target);
    }

    @Override
    public int write(int socket, ByteBuffer source) throws IOException {
        return Objects.requireNonNull(at(socket).bytes).write(source);
    }

    @Override
    public void close() throws IOException {
        selector.close();
        for (Socket socket : sockets) {
            if (socket != null) {
                socket.channel.close();
            }
        }
        channels.close();
    }
}
