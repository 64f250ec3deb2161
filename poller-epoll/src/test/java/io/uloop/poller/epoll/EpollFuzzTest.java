package io.uloop.poller.epoll;

import io.uloop.poller.PollerProvider;
import io.uloop.poller.tck.fuzz.PollerFuzz;

class EpollFuzzTest extends PollerFuzz {
    @Override
    protected PollerProvider provider() {
        return new EpollProvider();
    }
}
