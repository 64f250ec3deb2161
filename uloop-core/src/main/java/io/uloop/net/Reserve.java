package io.uloop.net;

import io.uloop.Uloop;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import org.jspecify.annotations.Nullable;

/** A descriptor that is held to be let go when there is no other. One thread at a time. */
final class Reserve {
    private final Uloop loop;
    private @Nullable UdpChannel held;

    Reserve(Uloop loop) {
        this.loop = loop;
    }

    /** Takes one, unless it has one. */
    void take() throws IOException {
        if (held == null) {
            held = UdpChannel.open(loop, StandardProtocolFamily.INET);
        }
    }

    /** Lets it go; false if it has none. */
    boolean release() throws IOException {
        UdpChannel former = held;
        held = null;
        if (former == null) {
            return false;
        }
        former.close();
        return true;
    }
}
