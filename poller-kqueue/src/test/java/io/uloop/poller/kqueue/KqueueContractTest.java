package io.uloop.poller.kqueue;

import io.uloop.poller.PollerProvider;
import io.uloop.poller.tck.PollerContract;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Runs on macOS and BSD, and on Linux if {@code -Duloop.kqueue.library} is the path of a libkqueue.
 */
@ExtendWith(LibkqueueQuirks.class)
class KqueueContractTest extends PollerContract {
    @Override
    protected PollerProvider provider() {
        return new KqueueProvider();
    }
}
