package io.uloop.net;

import io.uloop.Uloop;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.MembershipKey;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Sends to an IPv6 group before, during and after memberships, and prints what arrives. Runs in a
 * network namespace. Arguments: the backend, the interface, its address and another address of it.
 */
final class MulticastProgram {
    private final Uloop loop;
    private final UdpChannel receiver;
    private final InetAddress group = InetAddress.getByName("ff15::1234");
    private final NetworkInterface link;
    private final List<String> received = new ArrayList<>();

    private MulticastProgram(String backend, String link) throws IOException {
        loop = Uloop.builder().poller(backend).build();
        this.link = NetworkInterface.getByName(link);
        receiver = UdpChannel.open(loop, StandardProtocolFamily.INET6).bind(null);
    }

    private int port() throws IOException {
        return ((InetSocketAddress) receiver.getLocalAddress()).getPort();
    }

    private UdpChannel sender(String address) throws IOException {
        UdpChannel sender = UdpChannel.open(loop, StandardProtocolFamily.INET6);
        sender.setOption(StandardSocketOptions.IP_MULTICAST_IF, link);
        return sender.bind(new InetSocketAddress(address, 0));
    }

    /** Sends a text to the group, then a mark that always arrives, and receives up to the mark. */
    private void send(UdpChannel sender, String text) throws IOException {
        sender.send(bytes(text), new InetSocketAddress(group, port()));
        InetAddress own = ((InetSocketAddress) sender.getLocalAddress()).getAddress();
        sender.send(bytes("."), new InetSocketAddress(own, port()));
        ByteBuffer target = ByteBuffer.allocate(64);
        while (true) {
            if (receiver.receive(target.clear()) == null) {
                loop.runOnce(TimeUnit.MILLISECONDS.toNanos(1));
                continue;
            }
            String next = StandardCharsets.US_ASCII.decode(target.flip()).toString();
            if (next.equals(".")) {
                return;
            }
            received.add(next);
        }
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
    }

    private void run(String one, String other) throws IOException {
        UdpChannel wanted = sender(one);
        UdpChannel unwanted = sender(other);
        send(wanted, "before");
        MembershipKey any = receiver.join(group, link);
        send(wanted, "member");
        any.block(InetAddress.getByName(other));
        send(unwanted, "blocked");
        any.drop();
        send(wanted, "after");
        MembershipKey source = receiver.join(group, link, InetAddress.getByName(one));
        send(unwanted, "unwanted");
        send(wanted, "wanted");
        source.drop();
        send(wanted, "end");
        System.out.println("received " + String.join(" ", received));
        wanted.close();
        unwanted.close();
        receiver.close();
        loop.close();
    }

    public static void main(String[] arguments) throws IOException {
        new MulticastProgram(arguments[0], arguments[1]).run(arguments[2], arguments[3]);
    }
}
