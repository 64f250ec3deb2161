package io.uloop.poller.kqueue;

import io.uloop.poller.PollerProvider;
import io.uloop.poller.tck.fuzz.ContractFuzzer;
import io.uloop.poller.tck.fuzz.PollerFuzz;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class KqueueFuzzTest extends PollerFuzz {
    @Override
    protected PollerProvider provider() {
        PollerProvider libkqueue = new LibkqueueProvider();
        return libkqueue.unavailability() == null ? libkqueue : new KqueueProvider();
    }

    /** Either filter of a pipe may report that the other end is gone. */
    @Test
    void pipeEndIsHupForReadersAndErrForWriters() throws IOException {
        ContractFuzzer.replay(
                provider(),
                """
                open PIPE d0 d1
                close d1
                add d0 OUT
                poll 0
                """);
        ContractFuzzer.replay(
                provider(),
                """
                open PIPE d0 d1
                add d1 IN
                close d0
                poll 0
                """);
    }
}
