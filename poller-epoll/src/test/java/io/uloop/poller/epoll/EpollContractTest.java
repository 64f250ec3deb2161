package io.uloop.poller.epoll;

import io.uloop.poller.PollerProvider;
import io.uloop.poller.tck.PollerContract;

class EpollContractTest extends PollerContract {
    @Override
    protected PollerProvider provider() {
        return new EpollProvider();
    }
}
