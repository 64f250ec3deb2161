package io.uloop.fiber;

import io.uloop.poller.Descriptors;
import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * One stream of the fuzzer: a TCP or unix-domain connection or a pipe. Connects, accepts, and sends
 * counted bytes in all directions at once. Some sessions end by a half-close when all bytes are
 * sent, others by a close at any time.
 */
final class StreamSession {
    private static final int KEY_BYTES = Integer.BYTES;
    private static final int SMALL_BUFFER = 20_000;

    private final FuzzedFiber main;
    private final SplittableRandom random;
    private final int key;
    private final List<FiberChannel> channels = new CopyOnWriteArrayList<>();

    /** Set before a channel is closed too early. */
    private volatile boolean broken;

    private volatile FiberSocket accepted;
    private volatile boolean over;

    private StreamSession(FuzzedFiber main) {
        this.main = main;
        random = main.random();
        key = random.nextInt();
    }

    static void run(FuzzedFiber main) throws Exception {
        StreamSession session = new StreamSession(main);
        try {
            session.run();
        } finally {
            session.closeAll();
        }
    }

    private void run() throws Exception {
        int kind = random.nextInt(5);
        if (kind < 2) {
            connected(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        } else if (kind < 4) {
            Path path = main.fuzzer().newPath();
            try {
                connected(UnixDomainSocketAddress.of(path));
            } finally {
                Files.deleteIfExists(path);
            }
        } else {
            Descriptors.Pipe pipe = main.loop().descriptors().pipe();
            FiberStream source = opened(FiberDescriptor.adopt(main.fibers(), pipe.readEnd()));
            FiberStream sink = opened(FiberDescriptor.adopt(main.fibers(), pipe.writeEnd()));
            exchange(List.of(new Direction(sink, source, random, 1)));
        }
    }

    private <C extends FiberChannel> C opened(C channel) throws IOException {
        channels.add(channel);
        if (over) { // the loop is closed, and closeAll may have missed the channel
            channel.close();
        }
        return channel;
    }

    private void closeAll() throws IOException {
        over = true;
        for (FiberChannel each : channels) {
            each.close();
        }
    }

    private void connected(SocketAddress local) throws Exception {
        FiberListener listener = opened(FiberListener.open(main.fibers(), local));
        SocketAddress address = listener.getLocalAddress();
        Fiber<Void> acceptor = main.start("accept", self -> accept(self, listener));
        FiberSocket client = connect(address);
        if (random.nextBoolean()) { // a write of few bytes may wait
            setSmallBuffer(client);
        }
        main.join(acceptor);
        if (accepted == null) {
            if (!main.fuzzer().isEnding()) {
                throw new AssertionError("not accepted");
            }
            return;
        }
        listener.close();
        exchange(
                List.of(
                        new Direction(client, accepted, random, 1),
                        new Direction(accepted, client, random, 2)));
    }

    private static void setSmallBuffer(FiberSocket socket) throws IOException {
        socket.channel().setOption(StandardSocketOptions.SO_SNDBUF, SMALL_BUFFER);
    }

    /** Connects, and says who has: connections of cancelled attempts are accepted, too. */
    private FiberSocket connect(SocketAddress address) throws Exception {
        FiberSocket[] socket = new FiberSocket[1];
        while (socket[0] == null) {
            main.attemptQuick(
                    "connect", () -> socket[0] = FiberSocket.connect(main.fibers(), address));
        }
        opened(socket[0]);
        ByteBuffer name = ByteBuffer.allocateDirect(KEY_BYTES).putInt(key).flip();
        while (name.hasRemaining()) {
            main.attempt("write", () -> socket[0].write(name));
        }
        return socket[0];
    }

    private void accept(FuzzedFiber self, FiberListener listener) throws Exception {
        while (accepted == null) {
            FiberSocket[] socket = new FiberSocket[1];
            self.attempt("accept", () -> socket[0] = listener.accept());
            if (socket[0] != null) {
                opened(socket[0]);
                if (isOfSession(self, socket[0])) {
                    accepted = socket[0];
                } else {
                    socket[0].close();
                }
            }
        }
    }

    private boolean isOfSession(FuzzedFiber self, FiberSocket socket) throws Exception {
        ByteBuffer name = ByteBuffer.allocate(KEY_BYTES);
        try {
            while (name.hasRemaining()) {
                int before = name.position();
                Exception cancelled = self.attempt("readFully", () -> socket.readFully(name));
                FuzzedFiber.checkCount("readFully", cancelled, name.position() - before);
            }
        } catch (EOFException e) {
            return false;
        } catch (IOException e) {
            if (isReset(e)) {
                return false;
            }
            throw e;
        }
        return name.flip().getInt() == key; // another session may have had the port
    }

    private void exchange(List<Direction> directions) throws Exception {
        List<Fiber<Void>> workers = new ArrayList<>();
        for (Direction each : directions) {
            workers.add(main.start("writer", each::write));
            workers.add(main.start("reader", each::read));
        }
        if (random.nextInt(3) == 0) {
            breakOff();
        }
        for (Fiber<Void> each : workers) {
            main.join(each);
        }
        for (Direction each : directions) {
            each.checkAll();
        }
    }

    /** Closes an end while it is in use, here or on another thread. */
    private void breakOff() throws Exception {
        FiberChannel end = channels.get(random.nextInt(channels.size()));
        main.attempt("sleep", () -> main.fibers().sleep(main.micros()));
        broken = true;
        if (random.nextBoolean()) {
            end.close();
        } else {
            main.fuzzer().elsewhere(end::close);
        }
    }

    private static boolean isReset(IOException e) {
        String message = String.valueOf(e.getMessage());
        return message.contains("ECONNRESET")
                || message.contains("EPIPE")
                || message.contains("ENOTCONN")
                || message.contains("Broken pipe")
                || message.contains("onnection reset");
    }

    /** One direction of the stream. */
    private final class Direction {
        private final FiberStream from;
        private final FiberStream to;
        private final long total;
        private final ByteSequence sent;
        private final ByteSequence received;
        private volatile boolean complete;

        Direction(FiberStream from, FiberStream to, SplittableRandom random, int number) {
            this.from = from;
            this.to = to;
            int bound = 1 << random.nextInt(20);
            total = random.nextInt(bound);
            sent = new ByteSequence(key + number);
            received = new ByteSequence(key + number);
        }

        void write(FuzzedFiber self) throws Exception {
            try {
                while (sent.position() < total) {
                    writeSome(self);
                }
                if (from instanceof FiberSocket socket) {
                    socket.shutdownOutput();
                } else {
                    from.close();
                }
            } catch (IOException e) {
                endOfBroken(e);
            }
        }

        private int length(FuzzedFiber self, long most) {
            int bound = 1 << self.random().nextInt(17);
            return (int) Math.min(most, 1 + self.random().nextInt(bound));
        }

        private void writeSome(FuzzedFiber self) throws Exception {
            int length = length(self, total - sent.position());
            ByteBuffer source = self.buffer(length);
            sent.fill(source);
            int start = source.position();
            if (source.hasArray() && self.random().nextInt(3) == 0) {
                writeToStream(self, source);
                return;
            }
            try {
                Exception cancelled = self.attempt("write", () -> writeAll(source));
                FuzzedFiber.checkCount("write", cancelled, source.position() - start);
                if (cancelled == null && source.hasRemaining()) {
                    throw new AssertionError("write leaves bytes");
                }
            } finally {
                sent.sent(source.position() - start);
            }
        }

        private void writeAll(ByteBuffer source) throws IOException {
            int remaining = source.remaining();
            if (from.write(source) != remaining) {
                throw new AssertionError("write returns another number than all");
            }
        }

        @SuppressWarnings("ByteBufferBackingArray") // heap buffers of this class
        private void writeToStream(FuzzedFiber self, ByteBuffer source) throws Exception {
            int most = source.remaining();
            int count = most; // the most, if an exception does not tell
            try {
                Exception cancelled =
                        self.attempt(
                                "OutputStream.write",
                                () ->
                                        from.outputStream()
                                                .write(source.array(), source.position(), most));
                if (cancelled instanceof InterruptedIOException e) {
                    count = e.bytesTransferred;
                }
            } finally {
                sent.sent(count);
            }
        }

        void read(FuzzedFiber self) throws Exception {
            try {
                boolean open = true;
                while (open) {
                    if (self.random().nextInt(40) == 0) {
                        self.attempt("sleep", () -> self.fibers().sleep(self.micros()));
                    }
                    open = readSome(self);
                }
                complete = true;
            } catch (IOException e) {
                endOfBroken(e);
            }
        }

        private boolean readSome(FuzzedFiber self) throws Exception {
            int way = self.random().nextInt(8);
            long missing = total - received.position();
            int length = length(self, way < 2 && missing > 0 ? missing : Integer.MAX_VALUE);
            ByteBuffer target = self.buffer(length);
            int start = target.position();
            int[] count = {0};
            String name = "read";
            Exception cancelled;
            try {
                if (way < 2 && missing > 0) {
                    name = "readFully";
                    cancelled = self.attempt(name, () -> to.readFully(target));
                    if (cancelled == null && target.hasRemaining()) {
                        throw new AssertionError("readFully does not fill the buffer");
                    }
                } else if (way == 2 && target.hasArray()) {
                    name = "InputStream.read";
                    cancelled = self.attempt(name, () -> count[0] = readFromStream(target));
                } else {
                    cancelled = self.attempt(name, () -> count[0] = to.read(target));
                    if (cancelled == null && Math.max(0, count[0]) != target.position() - start) {
                        throw new AssertionError("read returns another number than it has moved");
                    }
                }
                FuzzedFiber.checkCount(name, cancelled, target.position() - start);
            } finally {
                received.received(target, start, target.position());
            }
            return count[0] >= 0;
        }

        @SuppressWarnings("ByteBufferBackingArray") // heap buffers of this class
        private int readFromStream(ByteBuffer target) throws IOException {
            int count =
                    to.inputStream().read(target.array(), target.position(), target.remaining());
            target.position(target.position() + Math.max(0, count));
            return count;
        }

        private void endOfBroken(IOException e) throws IOException {
            boolean expected =
                    e instanceof ClosedChannelException || e instanceof EOFException || isReset(e);
            if (!broken || !expected) {
                throw e;
            }
        }

        void checkAll() {
            if (received.position() > sent.position()) {
                throw new AssertionError("more bytes received than sent: " + this);
            }
            if (!broken && !(complete && received.position() == total)) {
                if (!main.fuzzer().isEnding()) {
                    throw new AssertionError("not all bytes received: " + this);
                }
            }
        }

        @Override
        public String toString() {
            return from
                    + " to "
                    + to
                    + ", "
                    + total
                    + " bytes, "
                    + sent.position()
                    + " sent, "
                    + received.position()
                    + " received";
        }
    }
}
