package io.uloop.poller.select;

import io.uloop.poller.PollerProvider;
import io.uloop.poller.tck.PollerContract;

class SelectContractTest extends PollerContract {
    @Override
    protected PollerProvider provider() {
        return new SelectProvider();
    }
}
