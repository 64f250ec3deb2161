package io.uloop.live;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Decides which Host headers are accepted. A web page elsewhere can make a browser connect to the
 * loopback address under a name that its owner controls (DNS rebinding). The browser then sends
 * that name, so only addresses and known names are accepted.
 *
 * @param remote whether the page is open to other machines
 * @param name the name under which the page was opened
 */
record HostCheck(boolean remote, String name) {
    private static final Pattern PORT = Pattern.compile("(:\\d{1,5})?");
    private static final Pattern IPV4 = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}");
    private static final Pattern IPV6 = Pattern.compile("\\[[0-9a-f:.]+\\]");

    /** {@return whether the value of a Host header is accepted} */
    boolean accepts(String header) {
        String value = header.toLowerCase(Locale.ROOT);
        int end = value.indexOf(':', value.indexOf(']') + 1);
        String host = end < 0 ? value : value.substring(0, end);
        if (!PORT.matcher(value.substring(host.length())).matches()) {
            return false;
        }
        if (remote) {
            return host.equals("localhost")
                    || host.equals(name.toLowerCase(Locale.ROOT))
                    || IPV4.matcher(host).matches()
                    || IPV6.matcher(host).matches();
        }
        return host.equals("localhost")
                || (IPV6.matcher(host).matches() && isLoopback(host))
                || (IPV4.matcher(host).matches() && host.startsWith("127."));
    }

    /** Returns whether an IPv6 address in brackets is the loopback address, however written. */
    private static boolean isLoopback(String literal) {
        try {
            return InetAddress.getByName(literal).isLoopbackAddress(); // asks no name server
        } catch (UnknownHostException e) {
            return false;
        }
    }
}
