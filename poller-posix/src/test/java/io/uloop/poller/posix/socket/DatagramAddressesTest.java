package io.uloop.poller.posix.socket;

import static io.uloop.poller.posix.Failures.assertFails;
import static org.assertj.core.api.Assertions.assertThat;

import io.uloop.poller.DatagramAddress;
import io.uloop.poller.Errno;
import io.uloop.poller.PollerException;
import io.uloop.poller.posix.Loopback;
import io.uloop.poller.posix.memory.Scratch;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Checks that the bytes match {@link SocketAddresses}, anywhere in a block. */
final class DatagramAddressesTest {
    private static final int AT = 24;

    private static ByteBuffer block() {
        return ByteBuffer.allocate(AT + Scratch.ADDRESS_BYTES).order(ByteOrder.nativeOrder());
    }

    private static List<SocketAddress> samples() throws UnknownHostException {
        byte[] ipv6 = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, -1};
        return List.of(
                new InetSocketAddress(Loopback.IPV4.getAddress(), 0x1234),
                new InetSocketAddress(Loopback.address(new byte[] {-1, -2, -3, -4}), 0xfedc),
                new InetSocketAddress(Loopback.address(new byte[4]), 1),
                new InetSocketAddress(Loopback.address(ipv6), 0x1234),
                new InetSocketAddress(Inet6Address.getByAddress(null, ipv6, 5), 0xffff),
                UnixDomainSocketAddress.of("/a/path"));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void bytesMatchTheStructs(boolean bsd) throws Exception {
        SocketAddresses structs = new SocketAddresses(bsd);
        DatagramAddresses addresses = new DatagramAddresses(structs);
        for (SocketAddress sample : samples()) {
            DatagramAddress address = new DatagramAddress(sample);
            int natural = DatagramAddresses.familyOf(address);
            assertThat(natural).isEqualTo(SocketAddresses.familyOf(sample));
            assertSame(structs, addresses, sample, address, natural);
            if (natural == SocketAddresses.AF_INET) { // mapped
                assertSame(structs, addresses, sample, address, SocketAddresses.AF_INET6);
            }
        }
    }

    private static void assertSame(
            SocketAddresses structs,
            DatagramAddresses addresses,
            SocketAddress sample,
            DatagramAddress address,
            int family)
            throws PollerException {
        ByteBuffer expected = block();
        int length = structs.put(expected, family, sample, "test", 1);
        ByteBuffer actual = block();
        for (int i = AT; i < AT + length; i++) {
            actual.put(i, (byte) -1); // left over from a previous address
        }
        assertThat(addresses.put(actual, AT, family, address, "test", 1)).isEqualTo(length);
        assertThat(actual.slice(AT, length)).isEqualTo(expected.slice(0, length));
        DatagramAddress read = new DatagramAddress();
        addresses.get(actual, AT, length, read);
        assertThat(read.toSocketAddress()).isEqualTo(structs.get(expected, length));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void noAddressIsEmptyAndUnnamedIsTheEmptyPath(boolean bsd) throws PollerException {
        DatagramAddresses addresses = new DatagramAddresses(new SocketAddresses(bsd));
        DatagramAddress address = new DatagramAddress();
        assertThat(addresses.put(block(), AT, SocketAddresses.AF_INET, address, "test", 1))
                .isZero();
        addresses.get(block(), AT, 0, address);
        assertThat(address.toSocketAddress()).isEqualTo(UnixDomainSocketAddress.of(""));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void addressOfAnotherFamilyIsRejected(boolean bsd) throws Exception {
        DatagramAddresses addresses = new DatagramAddresses(new SocketAddresses(bsd));
        for (SocketAddress sample : samples()) {
            DatagramAddress address = new DatagramAddress(sample);
            int other =
                    DatagramAddresses.familyOf(address) == SocketAddresses.AF_UNIX
                            ? SocketAddresses.AF_INET
                            : SocketAddresses.AF_UNIX;
            assertFails(
                    Errno.EAFNOSUPPORT, () -> addresses.put(block(), AT, other, address, "x", 1));
        }
    }
}
