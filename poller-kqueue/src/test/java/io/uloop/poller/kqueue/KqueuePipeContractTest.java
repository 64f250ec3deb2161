package io.uloop.poller.kqueue;

import io.uloop.poller.Descriptors;
import io.uloop.poller.Poller;
import io.uloop.poller.PollerProvider;
import io.uloop.poller.tck.PollerContract;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
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

    private static final class PipeProvider implements PollerProvider {
        private final KqueueProvider kqueue = new KqueueProvider();

        @Override
        public String name() {
            return "kqueue-pipe";
        }

        @Override
        public int priority() {
            return kqueue.priority();
        }

        @Override
        public @Nullable String unavailability() {
            return kqueue.unavailability();
        }

        @Override
        public int supportedEvents() {
            return kqueue.supportedEvents();
        }

        @Override
        public Poller open() throws IOException {
            return KqueueSystem.here().withoutUserFilter().openPoller();
        }

        @Override
        public Descriptors descriptors() {
            return kqueue.descriptors();
        }
    }
}
