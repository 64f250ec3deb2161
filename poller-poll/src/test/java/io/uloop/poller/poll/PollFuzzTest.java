package io.uloop.poller.poll;

import io.uloop.poller.PollerProvider;
import io.uloop.poller.tck.fuzz.PollerFuzz;

class PollFuzzTest extends PollerFuzz {
    @Override
    protected PollerProvider provider() {
        return new PollProvider();
    }
}
