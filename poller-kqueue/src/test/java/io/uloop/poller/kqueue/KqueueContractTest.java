package io.uloop.poller.kqueue;

import io.uloop.poller.PollerProvider;
import io.uloop.poller.tck.PollerContract;
import org.junit.jupiter.api.extension.ExtendWith;

/** On macOS and BSD, and on Linux where {@code -Duloop.kqueue.library} names a libkqueue. */
@ExtendWith(LibkqueueQuirks.class)
class KqueueContractTest extends PollerContract {
    @Override
    protected PollerProvider provider() {
        return new KqueueProvider();
    }
}
