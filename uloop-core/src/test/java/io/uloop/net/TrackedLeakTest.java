package io.uloop.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.uloop.CapturedLog;
import io.uloop.EachBackend;
import io.uloop.Uloop;
import io.uloop.poller.tck.ChildJava;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The system property that shows where a leaked channel was opened. */
class TrackedLeakTest extends EachBackend {
    @Test
    void logShowsTheOpeningStack() throws Exception {
        String said =
                ChildJava.of(Forgetful.class)
                        .options("-Duloop.trackLeaks=true", "-Duloop.poller=" + provider.name())
                        .run();
        assertThat(said)
                .contains("opened here", "Forgetful.openHere", "closed] was garbage-collected");
        assertThat(said).doesNotContain("run with");
    }

    /** Leaks a channel and waits for the log. */
    static final class Forgetful {
        private Forgetful() {}

        public static void main(String[] arguments) throws IOException {
            try (Uloop loop = Uloop.open();
                    CapturedLog log = new CapturedLog("io.uloop.net", CapturedLog::isSummary)) {
                openHere(loop);
                long start = System.nanoTime();
                while (log.records().isEmpty()) {
                    if (System.nanoTime() - start > TimeUnit.SECONDS.toNanos(50)) {
                        throw new IllegalStateException("the leak is not logged");
                    }
                    System.gc();
                    loop.runOnce(TimeUnit.MILLISECONDS.toNanos(1));
                }
                System.out.println(log.messages());
                log.records().get(0).getThrown().printStackTrace(System.out);
            }
        }

        private static void openHere(Uloop loop) throws IOException {
            UdpChannel.open(loop, StandardProtocolFamily.INET);
        }
    }
}
