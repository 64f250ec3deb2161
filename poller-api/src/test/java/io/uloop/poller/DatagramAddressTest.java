package io.uloop.poller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.UnresolvedAddressException;
import java.nio.channels.UnsupportedAddressTypeException;
import org.junit.jupiter.api.Test;

final class DatagramAddressTest {
    private static final byte[] IPV6 = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, -1};

    private final DatagramAddress address = new DatagramAddress();

    private static InetSocketAddress inet(byte[] bytes, int port) throws UnknownHostException {
        return new InetSocketAddress(InetAddress.getByAddress(bytes), port);
    }

    @Test
    void newAddressIsUnset() {
        assertThat(address.family()).isNull();
        assertThat(address.toSocketAddress()).isNull();
        assertThat(address.port()).isZero();
        assertThat(address).hasToString("none").isEqualTo(new DatagramAddress());
    }

    @Test
    void ipv4HasFourBytesAndPort() throws UnknownHostException {
        address.setInet(0xc0a80001, 0xffff);
        assertThat(address.family()).isEqualTo(StandardProtocolFamily.INET);
        assertThat(address.highBits()).isZero();
        assertThat(address.lowBits()).isEqualTo(0xc0a80001L);
        assertThat(address.port()).isEqualTo(0xffff);
        InetSocketAddress object = inet(new byte[] {(byte) 192, (byte) 168, 0, 1}, 0xffff);
        assertThat(address.toSocketAddress()).isEqualTo(object);
        assertThat(address).isEqualTo(new DatagramAddress(object)).hasToString(object.toString());
        assertThat(address).hasSameHashCodeAs(new DatagramAddress(object));
    }

    @Test
    void ipv6HasSixteenBytesScopeAndPort() throws UnknownHostException {
        SocketAddress object =
                new InetSocketAddress(Inet6Address.getByAddress(null, IPV6, 7), 5353);
        address.setInet6(0x0102030405060708L, 0x090a0b0c0d0e0fffL, 7, 5353);
        assertThat(address.family()).isEqualTo(StandardProtocolFamily.INET6);
        assertThat(address.toSocketAddress()).isEqualTo(object);
        assertThat(address).isEqualTo(new DatagramAddress(object));
        assertThat(address.scope()).isEqualTo(7);
        InetSocketAddress read = (InetSocketAddress) address.toSocketAddress();
        assertThat(((Inet6Address) read.getAddress()).getScopeId()).isEqualTo(7);
        address.setInet6(0x0102030405060708L, 0x090a0b0c0d0e0fffL, 0, 5353);
        assertThat(address.toSocketAddress()).isEqualTo(inet(IPV6, 5353));
    }

    @Test
    void mappedIpv4IsIpv4() throws UnknownHostException {
        address.setInet6(0, 0xffff7f000001L, 0, 1);
        assertThat(address.family()).isEqualTo(StandardProtocolFamily.INET);
        assertThat(address.toSocketAddress()).isEqualTo(inet(new byte[] {127, 0, 0, 1}, 1));
    }

    @Test
    void addressSetFromObjectReturnsSameObject() throws UnknownHostException {
        SocketAddress object = inet(IPV6, 1);
        address.set(object);
        assertThat(address.toSocketAddress()).isSameAs(object);
        DatagramAddress copy = address.copy();
        address.setInet(1, 1);
        assertThat(copy.toSocketAddress()).isSameAs(object);
        assertThat(address.toSocketAddress()).isNotEqualTo(object);
    }

    @Test
    void pathIsUnixAddress() {
        UnixDomainSocketAddress object = UnixDomainSocketAddress.of("a");
        address.setInet(1, 1);
        address.set(object);
        assertThat(address.family()).isEqualTo(StandardProtocolFamily.UNIX);
        assertThat(address.toSocketAddress()).isSameAs(object);
        assertThat(address.port()).isZero();
        assertThat(address.lowBits()).isZero();
        assertThat(address)
                .isEqualTo(new DatagramAddress(UnixDomainSocketAddress.of("a")))
                .hasSameHashCodeAs(new DatagramAddress(UnixDomainSocketAddress.of("a")))
                .isNotEqualTo(new DatagramAddress(UnixDomainSocketAddress.of("b")));
    }

    @Test
    void everyDifferenceMakesAddressesUnequal() {
        address.setInet6(1, 2, 3, 4);
        DatagramAddress other = address.copy();
        assertThat(other).isEqualTo(address);
        other.setInet6(9, 2, 3, 4);
        assertThat(other).isNotEqualTo(address);
        other.setInet6(1, 9, 3, 4);
        assertThat(other).isNotEqualTo(address);
        other.setInet6(1, 2, 9, 4);
        assertThat(other).isNotEqualTo(address);
        other.setInet6(1, 2, 3, 9);
        assertThat(other).isNotEqualTo(address);
        other.clear();
        assertThat(other).isNotEqualTo(address).isEqualTo(new DatagramAddress());
    }

    @Test
    void invalidAddressesAreRejected() {
        assertThatIllegalArgumentException().isThrownBy(() -> address.setInet(1, -1));
        assertThatIllegalArgumentException().isThrownBy(() -> address.setInet6(1, 1, 0, 0x10000));
        InetSocketAddress unresolved = InetSocketAddress.createUnresolved("nowhere.invalid", 1);
        assertThatExceptionOfType(UnresolvedAddressException.class)
                .isThrownBy(() -> address.set(unresolved));
        assertThatExceptionOfType(UnsupportedAddressTypeException.class)
                .isThrownBy(() -> address.set(new SocketAddress() {}));
        assertThat(address.family()).isNull();
    }

    private static DatagramAddress named(int... name) {
        ByteBuffer bytes = ByteBuffer.allocate(name.length + 1);
        for (int i = 0; i < name.length; i++) {
            bytes.put(i + 1, (byte) name[i]);
        }
        DatagramAddress address = new DatagramAddress();
        address.setUnix(bytes, 1, name.length);
        return address;
    }

    @Test
    void unixAddressIsComparedByNameBytes() {
        DatagramAddress address = named('n', 0xfe);
        assertThat(address)
                .isEqualTo(named('n', 0xfe))
                .hasSameHashCodeAs(named('n', 0xfe))
                .isNotEqualTo(named('n', 0xff))
                .isNotEqualTo(named('n'));
        assertThat(address.copy()).isEqualTo(address);
        assertThat(new DatagramAddress(address.toSocketAddress())).isEqualTo(address);
        ByteBuffer name = ByteBuffer.allocate(3);
        address.putName(name, 1);
        assertThat(address.nameLength()).isEqualTo(2);
        assertThat(name.array()).containsExactly(0, 'n', 0xfe);
        DatagramAddress copy = address.copy();
        address.clear();
        assertThat(address.nameLength()).isZero();
        assertThat(copy).isEqualTo(named('n', 0xfe));
    }

    @Test
    void abstractNameIsUnixAddress() {
        DatagramAddress alice = named(0, 'a');
        assertThat(alice.toSocketAddress()).isEqualTo(new UnixAddress(new byte[] {0, 'a'}));
        assertThat(alice).hasToString("\\x00a").isNotEqualTo(named(0, 'b'));
        assertThat(new DatagramAddress(alice.toSocketAddress())).isEqualTo(alice);
        assertThat(named()).isEqualTo(new DatagramAddress(UnixDomainSocketAddress.of("")));
        assertThat(named('a', '/', '/', 'b').toSocketAddress()).isInstanceOf(UnixAddress.class);
    }
}
