package io.uloop.poller.select;

import static org.assertj.core.api.Assertions.assertThat;

import io.uloop.poller.Poller;
import io.uloop.poller.PollerProvider;
import io.uloop.poller.Pollers;
import io.uloop.poller.UEvent;
import io.uloop.poller.tck.NoDescriptorLeak;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoDescriptorLeak.class)
class SelectProviderTest {
    @Test
    void providerIsFoundByName() throws IOException {
        PollerProvider provider = Pollers.provider("select");
        assertThat(provider).isInstanceOf(SelectProvider.class);
        assertThat(provider.name()).isEqualTo("select");
        assertThat(provider.unavailability()).isNull();
        assertThat(provider.priority()).isEqualTo(100);
        assertThat(provider.supportedEvents()).isEqualTo(UEvent.IN | UEvent.OUT | UEvent.ONESHOT);
        try (Poller poller = provider.open()) {
            assertThat(poller).isInstanceOf(SelectPoller.class);
        }
    }

    @Test
    void allProvidersReturnSameDescriptors() {
        assertThat(new SelectProvider().descriptors()).isSameAs(new SelectProvider().descriptors());
    }
}
