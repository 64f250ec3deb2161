package io.uloop.poller.select;

import io.uloop.poller.PollerProvider;
import io.uloop.poller.tck.fuzz.PollerFuzz;

class SelectFuzzTest extends PollerFuzz {
    @Override
    protected PollerProvider provider() {
        return new SelectProvider();
    }
}
