package io.uloop.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.uloop.EachBackend;
import io.uloop.poller.UEvent;
import io.uloop.poller.tck.ChildJava;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.MembershipKey;
import java.nio.channels.MulticastChannel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Multicast over the loopback interface. */
class MulticastTest extends EachBackend {
    /** Opens a pair of interfaces with two IPv6 addresses. The loopback interface has no groups. */
    private static final String NAMESPACE =
            "ip link set lo up"
                    + " && ip link add v0 type veth peer name v1"
                    + " && ip -6 addr add fd00::1/64 dev v0 nodad"
                    + " && ip -6 addr add fd00::2/64 dev v0 nodad"
                    + " && ip link set v1 up && ip link set v0 up && ";

    private final List<String> received = new ArrayList<>();
    private NetworkInterface link;
    private InetAddress group;

    @BeforeEach
    void findLoopback() throws IOException {
        link = NetworkInterface.getByInetAddress(InetAddress.getLoopbackAddress());
        group = InetAddress.getByName("239.255.1.2");
        assumeTrue(System.getProperty("os.name").equals("Linux"), "tested on Linux only");
    }

    private InetAddress source(int last) {
        return address(new byte[] {127, 0, 0, (byte) last}, 0).getAddress();
    }

    private UdpChannel receiver(StandardProtocolFamily family) throws IOException {
        UdpChannel channel = closing(UdpChannel.open(loop, family));
        channel.bind(null);
        ByteBuffer target = ByteBuffer.allocate(64);
        channel.register(
                UEvent.IN,
                (fd, events) -> {
                    while (channel.receive(target.clear()) != null) {
                        received.add(text(target));
                    }
                });
        return channel;
    }

    private UdpChannel receiver() throws IOException {
        return receiver(StandardProtocolFamily.INET);
    }

    /** Opens a socket that sends to groups on the loopback interface only. */
    private UdpChannel sender(int last) throws IOException {
        UdpChannel channel = closing(UdpChannel.open(loop, StandardProtocolFamily.INET));
        channel.setOption(StandardSocketOptions.IP_MULTICAST_IF, link);
        channel.bind(new InetSocketAddress(source(last), 0));
        return channel;
    }

    private InetSocketAddress to(UdpChannel receiver) throws IOException {
        return new InetSocketAddress(group, port(receiver));
    }

    private static int port(UdpChannel channel) throws IOException {
        return ((InetSocketAddress) channel.getLocalAddress()).getPort();
    }

    /** Sends a text to the group, then a mark that always arrives, and waits for the mark. */
    private void send(UdpChannel sender, UdpChannel receiver, String text) throws IOException {
        sender.send(bytes(text), to(receiver));
        sender.send(bytes("."), new InetSocketAddress(source(1), port(receiver)));
        runUntil(() -> received.contains("."));
        received.remove(".");
    }

    @Test
    void groupIsReceivedUntilItIsDropped() throws IOException {
        UdpChannel receiver = receiver();
        UdpChannel sender = sender(1);
        send(sender, receiver, "before");
        MembershipKey key = receiver.join(group, link);
        assertThat(receiver.join(group, link)).isSameAs(key);
        assertThat(key.isValid()).isTrue();
        assertThat(key.group()).isEqualTo(group);
        assertThat(key.networkInterface()).isEqualTo(link);
        assertThat(key.sourceAddress()).isNull();
        assertThat(key.channel()).isSameAs(receiver);
        assertThat(key).hasToString("Membership[239.255.1.2 on " + link.getName() + "]");
        send(sender, receiver, "member");
        key.drop();
        key.drop();
        assertThat(key.isValid()).isFalse();
        send(sender, receiver, "after");
        assertThat(received).containsExactly("member");
        assertThat(receiver.join(group, link)).isNotSameAs(key);
        send(sender, receiver, "again");
        assertThat(received).containsExactly("member", "again");
    }

    @Test
    void onlyTheGivenSourceIsReceived() throws IOException {
        UdpChannel receiver = receiver();
        UdpChannel wanted = sender(1);
        UdpChannel other = sender(2);
        MembershipKey key = receiver.join(group, link, source(1));
        send(other, receiver, "other");
        send(wanted, receiver, "wanted");
        assertThat(received).containsExactly("wanted");
        assertThat(key.sourceAddress()).isEqualTo(source(1));
        MembershipKey second = receiver.join(group, link, source(2));
        send(other, receiver, "joined");
        key.drop();
        send(wanted, receiver, "dropped");
        second.drop();
        send(other, receiver, "dropped too");
        assertThat(received).containsExactly("wanted", "joined");
        assertThatThrownBy(() -> key.block(source(3))).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void blockedSourceIsNotReceived() throws IOException {
        UdpChannel receiver = receiver();
        UdpChannel one = sender(1);
        UdpChannel two = sender(2);
        MembershipKey key = receiver.join(group, link);
        assertThat(key.block(source(2)).block(source(2))).isSameAs(key);
        send(one, receiver, "one");
        send(two, receiver, "blocked");
        key.unblock(source(2));
        send(two, receiver, "two");
        assertThat(received).containsExactly("one", "two");
        assertThatThrownBy(() -> key.unblock(source(2))).isInstanceOf(IllegalStateException.class);
        key.drop();
        assertThatThrownBy(() -> key.block(source(2))).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void dualStackSocketReceivesAnIpv4Group() throws IOException {
        UdpChannel receiver = receiver(StandardProtocolFamily.INET6);
        receiver.join(group, link);
        send(sender(1), receiver, "member");
        assertThat(received).containsExactly("member");
    }

    @Test
    void ipv6GroupsAreReceivedInANetworkNamespace() throws Exception {
        assumeTrue(
                new ProcessBuilder("sh", "-c", "unshare -rn sh -c '" + NAMESPACE + "true'")
                                .redirectErrorStream(true)
                                .start()
                                .waitFor()
                        == 0,
                "this machine does not let tests configure network namespaces");
        String printed =
                ChildJava.of(MulticastProgram.class, provider.name(), "v0", "fd00::1", "fd00::2")
                        .launcher("unshare", "-rn", "sh", "-c", NAMESPACE + "exec \"$@\"", "sh")
                        .run();
        assertThat(printed).contains("received member wanted");
    }

    @Test
    void ipv6GroupIsRefusedByAnIpv4Socket() throws IOException {
        InetAddress group6 = InetAddress.getByName("ff15::1234");
        UdpChannel channel = receiver();
        assertThatThrownBy(() -> channel.join(group6, link)).hasMessageContaining("EAFNOSUPPORT");
    }

    @Test
    void loopAndTimeToLiveApplyToSentDatagrams() throws IOException {
        UdpChannel receiver = receiver();
        receiver.join(group, link);
        UdpChannel sender = sender(1);
        sender.setOption(StandardSocketOptions.IP_MULTICAST_TTL, 3);
        assertThat(sender.getOption(StandardSocketOptions.IP_MULTICAST_TTL)).isEqualTo(3);
        assertThat(sender.getOption(StandardSocketOptions.IP_MULTICAST_IF)).isEqualTo(link);
        sender.setOption(StandardSocketOptions.IP_MULTICAST_LOOP, false);
        assertThat(sender.getOption(StandardSocketOptions.IP_MULTICAST_LOOP)).isFalse();
        assertThat(sender.supportedOptions()).contains(StandardSocketOptions.IP_MULTICAST_TTL);
    }

    @Test
    void wrongMembershipsAreRefused() throws IOException {
        UdpChannel channel = receiver();
        assertThatThrownBy(() -> channel.join(source(1), link))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> channel.join(group, link, ipv6Loopback(0).getAddress()))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> channel.join(group, link, group))
                .isInstanceOf(IllegalArgumentException.class);
        MembershipKey key = channel.join(group, link);
        assertThatThrownBy(() -> channel.join(group, link, source(1)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("drop it first");
        channel.close();
        assertThat(key.isValid()).isFalse();
        key.drop();
        assertThatThrownBy(() -> channel.join(group, link))
                .isInstanceOf(ClosedChannelException.class);
    }

    @Test
    void codeForTheJdksChannelsAcceptsIt() throws IOException {
        MulticastChannel channel = receiver();
        assertThat(channel.join(group, link).channel()).isSameAs(channel);
    }
}
