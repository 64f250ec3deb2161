package io.uloop.benchmarks.echo;

import io.uloop.EventHandler;
import io.uloop.Uloop;
import io.uloop.net.UdpChannel;
import io.uloop.poller.DatagramAddress;
import io.uloop.poller.DatagramBatch;
import io.uloop.poller.Descriptors;
import io.uloop.poller.KernelSocketOptions;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.function.IntConsumer;

/** Echo over UDP on Uloop, one datagram per call or in batches of segmented datagrams. */
final class UloopUdpEcho {
    private UloopUdpEcho() {}

    /** Serves until the process ends. */
    static void run(String backend, boolean batch, InetSocketAddress local, IntConsumer ready)
            throws IOException {
        try (Uloop loop = Uloop.builder().poller(backend).build()) {
            UdpChannel channel = UdpChannel.open(loop, local);
            if (batch) {
                enableSegments(channel);
            }
            Descriptors io = loop.descriptors();
            channel.register(UEvent.IN, batch ? new Batched(io) : new Single(io));
            InetSocketAddress bound =
                    (InetSocketAddress) Objects.requireNonNull(channel.getLocalAddress());
            ready.accept(bound.getPort());
            loop.run();
        }
    }

    private static void enableSegments(UdpChannel channel) throws IOException {
        try {
            channel.setOption(KernelSocketOptions.UDP_GRO, true);
        } catch (UnsupportedOperationException e) {
            System.err.println("no segmented datagrams: " + e.getMessage());
        }
    }

    /** Echoes one datagram per call, with a limit per event. */
    private static final class Single implements EventHandler {
        private final Descriptors io;
        private final ByteBuffer buffer = ByteBuffer.allocateDirect(EchoServer.BUFFER_BYTES);
        private final DatagramAddress peer = new DatagramAddress();

        Single(Descriptors io) {
            this.io = io;
        }

        @Override
        public void processEvent(int fd, int events) throws IOException {
            for (int i = 0; i < EchoServer.DATAGRAMS_PER_EVENT; i++) {
                if (io.receive(fd, buffer.clear(), peer) == Descriptors.NONE) {
                    return;
                }
                io.send(fd, buffer.flip(), peer); // dropped if it would block, as UDP allows loss
            }
        }
    }

    /** Echoes all waiting datagrams with one call each way. */
    private static final class Batched implements EventHandler {
        private final Descriptors io;
        private final DatagramBatch batch =
                new DatagramBatch(EchoServer.DATAGRAMS_PER_EVENT, EchoServer.BUFFER_BYTES);

        Batched(Descriptors io) {
            this.io = io;
        }

        @Override
        public void processEvent(int fd, int events) throws IOException {
            int received = io.receive(fd, batch);
            for (int sent = 0; sent < received; ) {
                int more = io.send(fd, batch, sent, received - sent);
                sent += Math.max(more, 1); // a datagram that cannot be sent is dropped
            }
        }
    }
}
