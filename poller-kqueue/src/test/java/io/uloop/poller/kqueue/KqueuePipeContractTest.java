package io.uloop.poller.kqueue;

import io.uloop.poller.Poller;
import io.uloop.poller.PollerException;
import io.uloop.poller.PollerProvider;
import io.uloop.poller.tck.ForwardingProvider;
import io.uloop.poller.tck.PollerContract;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Runs the contract as {@link KqueueContractTest} does, with a pipe as the wakeup instead of a user
 * filter.
 */
@ExtendWith(LibkqueueQuirks.class)
class KqueuePipeContractTest extends PollerContract {
    @Override
    protected PollerProvider provider() {
        return new PipeProvider();
    }

    private static final class PipeProvider extends ForwardingProvider {
        PipeProvider() {
            super(new KqueueProvider());
        }

        @Override
        public String name() {
            return "kqueue-pipe";
        }

        @Override
        public Poller open() throws PollerException {
            return KqueueSystem.here().withoutUserFilter().openPoller();
        }
    }
}
