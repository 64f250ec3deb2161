package io.uloop.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Fails a test that leaves sockets, pipes or pollers open in this JVM. */
final class NoDescriptorLeak implements BeforeEachCallback, AfterEachCallback {
    private long before;

    @Override
    public void beforeEach(ExtensionContext context) throws IOException {
        before = Processes.sockets(ProcessHandle.current().pid());
    }

    @Override
    public void afterEach(ExtensionContext context) {
        await("descriptors as before the test")
                .atMost(Duration.ofSeconds(10))
                .untilAsserted(
                        () ->
                                assertThat(Processes.sockets(ProcessHandle.current().pid()))
                                        .isLessThanOrEqualTo(before));
    }
}
