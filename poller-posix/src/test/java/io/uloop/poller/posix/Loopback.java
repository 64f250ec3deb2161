package io.uloop.poller.posix;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;

/** Loopback addresses with port 0. */
public final class Loopback {
    public static final InetSocketAddress IPV4 = of(new byte[] {127, 0, 0, 1});
    public static final InetSocketAddress IPV6 =
            of(new byte[] {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1});

    private Loopback() {}

    public static InetAddress address(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private static InetSocketAddress of(byte[] bytes) {
        return new InetSocketAddress(address(bytes), 0);
    }
}
