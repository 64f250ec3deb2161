package io.uloop.fiber;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.SplittableRandom;

/**
 * Two UDP sockets of the fuzzer, which alternately send each other numbered datagrams, few enough
 * at once that the system drops none. Some sessions end by a close at any time.
 */
final class DatagramSession {
    private static final int MOST_AT_ONCE = 8;
    private static final int HEADER = 2 * Integer.BYTES;

    private final FuzzedFiber main;
    private final SplittableRandom random;
    private final int key;
    private final int rounds;
    private final int atOnce;
    private volatile boolean broken;

    private DatagramSession(FuzzedFiber main) {
        this.main = main;
        random = main.random();
        key = random.nextInt();
        rounds = 1 + random.nextInt(16);
        atOnce = 1 + random.nextInt(MOST_AT_ONCE);
    }

    static void run(FuzzedFiber main) throws Exception {
        DatagramSession session = new DatagramSession(main);
        SocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        try (FiberDatagramSocket one = FiberDatagramSocket.open(main.fibers(), any);
                FiberDatagramSocket other = FiberDatagramSocket.open(main.fibers(), any)) {
            session.exchange(one, other);
        }
    }

    private void exchange(FiberDatagramSocket one, FiberDatagramSocket other) throws Exception {
        SocketAddress here = one.getLocalAddress();
        SocketAddress there = other.getLocalAddress();
        Fiber<Void> first = main.start("asks", self -> ask(self, one, there));
        Fiber<Void> second = main.start("answers", self -> answer(self, other, here));
        if (random.nextInt(3) == 0) {
            main.attempt("sleep", () -> main.fibers().sleep(main.micros()));
            broken = true;
            FiberDatagramSocket end = random.nextBoolean() ? one : other;
            if (random.nextBoolean()) {
                end.close();
            } else {
                main.fuzzer().elsewhere(end::close);
            }
            one.close();
            other.close();
        }
        main.join(first);
        main.join(second);
    }

    private void ask(FuzzedFiber self, FiberDatagramSocket socket, SocketAddress to)
            throws Exception {
        try {
            for (int i = 0; i < rounds * atOnce; i += atOnce) {
                sendAll(self, socket, to, i);
                receiveAll(self, socket, i);
            }
        } catch (IOException e) {
            endOfBroken(e);
        }
    }

    private void answer(FuzzedFiber self, FiberDatagramSocket socket, SocketAddress to)
            throws Exception {
        try {
            for (int i = 0; i < rounds * atOnce; i += atOnce) {
                receiveAll(self, socket, i);
                sendAll(self, socket, to, i);
            }
        } catch (IOException e) {
            endOfBroken(e);
        }
    }

    private void sendAll(FuzzedFiber self, FiberDatagramSocket socket, SocketAddress to, int first)
            throws Exception {
        for (int number = first; number < first + atOnce; number++) {
            ByteBuffer data = self.buffer(HEADER + self.random().nextInt(100));
            int start = data.position();
            data.putInt(key).putInt(number).position(start);
            while (data.hasRemaining()) {
                Exception cancelled = self.attempt("send", () -> socket.send(data, to));
                if ((cancelled == null) == (data.position() == start)) {
                    throw new AssertionError("send has moved " + data + ": " + cancelled);
                }
            }
        }
    }

    private void receiveAll(FuzzedFiber self, FiberDatagramSocket socket, int first)
            throws Exception {
        int number = first;
        while (number < first + atOnce) {
            ByteBuffer data = self.buffer(200);
            int start = data.position();
            Exception cancelled = self.attempt("receive", () -> socket.receive(data));
            if (cancelled != null && data.position() != start) {
                throw new AssertionError("a cancelled receive has moved " + data, cancelled);
            }
            // Another session may have sent to the socket that had the port before.
            if (cancelled == null
                    && data.position() - start >= HEADER
                    && data.getInt(start) == key) {
                int got = data.getInt(start + Integer.BYTES);
                if (got != number) {
                    throw new AssertionError("got datagram " + got + " instead of " + number);
                }
                number++;
            }
        }
    }

    private void endOfBroken(IOException e) throws IOException {
        boolean expected =
                e instanceof ClosedChannelException
                        || String.valueOf(e.getMessage()).contains("ECONNREFUSED");
        if (!broken || !expected) {
            throw e;
        }
    }
}
