package io.uloop.poller.posix.socket;

import static io.uloop.poller.posix.Failures.assertFails;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.uloop.poller.Errno;
import io.uloop.poller.UnixAddress;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

final class SocketAddressesTest {
    private static final byte[] LINK_LOCAL =
            HexFormat.of().parseHex("fe80000000000000000000fffe000001");

    private final ByteBuffer block = ByteBuffer.allocate(256).order(ByteOrder.LITTLE_ENDIAN);

    static List<SocketAddress> addresses() throws IOException {
        return List.of(
                inet("7f000001", 0),
                inet("c0000201", 65535),
                inet("00000000", 80),
                inet("00000000000000000000000000000001", 443),
                inet("20010db8000000000000000000000001", 32768),
                new InetSocketAddress(Inet6Address.getByAddress(null, LINK_LOCAL, 7), 255),
                UnixDomainSocketAddress.of("/tmp/a b"),
                UnixDomainSocketAddress.of("relative"),
                UnixDomainSocketAddress.of(""));
    }

    private static InetSocketAddress inet(String hex, int port) throws IOException {
        return new InetSocketAddress(InetAddress.getByAddress(HexFormat.of().parseHex(hex)), port);
    }

    @ParameterizedTest
    @MethodSource("addresses")
    void addressesRoundTripInBothLayouts(SocketAddress address) throws IOException {
        for (boolean bsd : new boolean[] {false, true}) {
            SocketAddresses layout = new SocketAddresses(bsd);
            int family = SocketAddresses.familyOf(address);
            block.put(
                    0, "garbage of the address that was here before".repeat(5).getBytes(US_ASCII));
            int length = layout.put(block, family, address, "bind", 3);
            assertThat(layout.family(block, length)).isEqualTo(family);
            assertThat(layout.get(block, length)).isEqualTo(address);
        }
    }

    @Test
    void scopeRoundTrips() throws IOException {
        SocketAddress scoped =
                new InetSocketAddress(Inet6Address.getByAddress(null, LINK_LOCAL, 7), 255);
        SocketAddresses layout = SocketAddresses.NATIVE;
        block.order(ByteOrder.nativeOrder());
        int length = layout.put(block, SocketAddresses.AF_INET6, scoped, "bind", 3);
        InetSocketAddress back = (InetSocketAddress) layout.get(block, length);
        assertThat(((Inet6Address) back.getAddress()).getScopeId()).isEqualTo(7);
    }

    /**
     * The expected families are this machine's in both layouts; macOS has 1e where Linux has 0a.
     */
    @ParameterizedTest
    @CsvSource({
        "false, 0200 1f90 7f000001 0000000000000000",
        "true,  1002 1f90 7f000001 0000000000000000",
    })
    void ipv4HasTheBytesOfTheManual(boolean bsd, String hex) throws IOException {
        SocketAddress address = inet("7f000001", 8080);
        assertThat(bytes(bsd, SocketAddresses.AF_INET, address)).isEqualTo(hex.replace(" ", ""));
    }

    @ParameterizedTest
    @CsvSource({
        "false, 0a00 1f90 00000000 fe80000000000000000000fffe000001 07000000",
        "true,  1c0a 1f90 00000000 fe80000000000000000000fffe000001 07000000",
    })
    void ipv6HasTheBytesOfTheManual(boolean bsd, String hex) throws IOException {
        SocketAddress address =
                new InetSocketAddress(Inet6Address.getByAddress(null, LINK_LOCAL, 7), 8080);
        assertThat(bytes(bsd, SocketAddresses.AF_INET6, address)).isEqualTo(hex.replace(" ", ""));
    }

    @Test
    void ipv4IsMappedForIpv6() throws IOException {
        assertThat(bytes(false, SocketAddresses.AF_INET6, inet("c0000201", 80)))
                .isEqualTo(
                        "0a000050" + "00000000" + "00000000000000000000ffffc0000201" + "00000000");
        assertThat(bytes(false, SocketAddresses.AF_INET6, inet("00000000", 80)))
                .isEqualTo("0a000050" + "00000000" + "0".repeat(32) + "00000000");
    }

    @Test
    void mappedAddressReadsAsIpv4() throws IOException {
        SocketAddress address = inet("c0000201", 80);
        SocketAddresses layout = new SocketAddresses(false);
        int length = layout.put(block, SocketAddresses.AF_INET6, address, "bind", 3);
        assertThat(layout.get(block, length)).isEqualTo(address);
    }

    @ParameterizedTest
    @CsvSource({"false, 0100612f6200", "true, 0601612f6200"})
    void unixPathHasTheDocumentedBytes(boolean bsd, String hex) throws IOException {
        SocketAddress address = UnixDomainSocketAddress.of("a/b");
        assertThat(bytes(bsd, SocketAddresses.AF_UNIX, address)).isEqualTo(hex);
    }

    @Test
    void abstractNameKeepsAllBytes() {
        block.put(0, new byte[] {1, 0, 0, 'x', 'y'});
        assertThat(new SocketAddresses(false).get(block, 5))
                .isEqualTo(new UnixAddress(new byte[] {0, 'x', 'y'}));
        block.put(0, new byte[] {5, 1});
        assertThat(new SocketAddresses(true).get(block, 5))
                .isEqualTo(UnixDomainSocketAddress.of("")); // BSD has no abstract names
    }

    @Test
    void abstractNameMayEndWithNul() throws IOException {
        UnixAddress address = new UnixAddress(new byte[] {0, 'x', 0});
        assertThat(bytes(false, SocketAddresses.AF_UNIX, address)).isEqualTo("0100007800");
        assertFails(Errno.EINVAL, () -> bytes(true, SocketAddresses.AF_UNIX, address));
    }

    @Test
    void pathFillingTheStructHasNoTerminator() throws IOException {
        byte[] path = "x".repeat(108).getBytes(StandardCharsets.US_ASCII);
        block.put(0, new byte[] {1, 0}).put(2, path).put(110, (byte) 0);
        SocketAddress address = new SocketAddresses(false).get(block, 111);
        assertThat(address).isEqualTo(new UnixAddress(path));
        assertThat(bytes(false, SocketAddresses.AF_UNIX, address)).hasSize(2 * 110);
    }

    @Test
    void unterminatedPathEndsWithTheStruct() {
        block.put(0, new byte[] {1, 0, 'x', 'y', 'z'});
        assertThat(new SocketAddresses(false).get(block, 4))
                .isEqualTo(UnixDomainSocketAddress.of("xy"));
    }

    @Test
    void emptyAddressReadsAsUnnamed() {
        assertThat(new SocketAddresses(true).get(block, 0))
                .isEqualTo(UnixDomainSocketAddress.of(""));
    }

    private String bytes(boolean bsd, int family, SocketAddress address) throws IOException {
        int length = new SocketAddresses(bsd).put(block, family, address, "bind", 3);
        byte[] bytes = new byte[length];
        block.get(0, bytes);
        return HexFormat.of().formatHex(bytes);
    }
}
