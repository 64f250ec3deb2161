package io.uloop.net;

import io.uloop.Uloop;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import org.jspecify.annotations.Nullable;

/** A spare descriptor, closed to accept one more connection after EMFILE. Not thread-safe. */
final class Reserve {
    private final Uloop loop;
    private @Nullable UdpChannel held;

    Reserve(Uloop loop) {
        this.loop = loop;
    }

    /** Opens the spare descriptor, unless it is open. */
    void take() throws IOException {
        if (held == null) {
            held = UdpChannel.open(loop, StandardProtocolFamily.INET);
        }
    }

    /** Closes the spare descriptor. Returns false if there is none. */
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
