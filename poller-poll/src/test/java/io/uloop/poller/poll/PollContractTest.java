package io.uloop.poller.poll;

import io.uloop.poller.PollerProvider;
import io.uloop.poller.tck.PollerContract;

class PollContractTest extends PollerContract {
    @Override
    protected PollerProvider provider() {
        return new PollProvider();
    }
}
