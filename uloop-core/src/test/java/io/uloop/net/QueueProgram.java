package io.uloop.net;

import io.uloop.Uloop;
import io.uloop.poller.DatagramAddress;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.time.Duration;

/**
 * Sends numbered datagrams through a queue over a slow loopback interface, in a network namespace.
 * Prints how often the queue was full and whether all arrived in order. Argument: the backend.
 */
final class QueueProgram {
    private static final int DATAGRAMS = 300;
    private static final int BYTES = 1000;

    private int next;
    private int refusals;
    private int received;
    private boolean ordered = true;

    private QueueProgram() {}

    private void send(DatagramQueue queue, DatagramAddress target) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocateDirect(BYTES);
        while (next < DATAGRAMS) {
            if (!queue.send(bytes.clear().putInt(0, next), target)) {
                refusals++;
                return;
            }
            next++;
        }
    }

    private void receive(Uloop loop, UdpChannel channel) throws IOException {
        ByteBuffer target = ByteBuffer.allocateDirect(BYTES);
        while (channel.receive(target.clear()) != null) {
            ordered &= target.getInt(0) == received;
            received++;
        }
        if (received == DATAGRAMS) {
            loop.stop();
        }
    }

    private void run(String backend) throws IOException {
        InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        try (Uloop loop = Uloop.builder().poller(backend).build();
                UdpChannel receiver = UdpChannel.open(loop, any);
                UdpChannel sender = UdpChannel.open(loop, any)) {
            sender.setOption(StandardSocketOptions.SO_SNDBUF, 5000);
            receiver.register(UEvent.IN, (fd, events) -> receive(loop, receiver));
            DatagramAddress target = new DatagramAddress(receiver.getLocalAddress());
            DatagramQueueHandler handler =
                    new DatagramQueueHandler() {
                        @Override
                        public void writable(DatagramQueue queue) throws IOException {
                            send(queue, target);
                        }
                    };
            DatagramQueue queue = new DatagramQueue(sender, 32, BYTES, handler);
            queue.register(UEvent.NONE, (fd, events) -> {});
            send(queue, target);
            loop.callLater(Duration.ofSeconds(60), loop::stop);
            loop.run();
            System.out.println("received " + received + (ordered ? " in order" : ""));
            System.out.println(refusals > 2 && queue.size() == 0 ? "refused" : "" + refusals);
        }
    }

    public static void main(String[] arguments) throws IOException {
        new QueueProgram().run(arguments[0]);
    }
}
