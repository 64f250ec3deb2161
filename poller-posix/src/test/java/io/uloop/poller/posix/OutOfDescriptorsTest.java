package io.uloop.poller.posix;

import static org.assertj.core.api.Assertions.assertThat;

import io.uloop.poller.Descriptors;
import io.uloop.poller.PollerException;
import io.uloop.poller.tck.ChildJava;
import io.uloop.poller.tck.Ends;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class OutOfDescriptorsTest {
    @Test
    void everyOpenThrowsEmfileAndLeaksNothing() throws Exception {
        String output = ChildJava.of(Exhaustion.class).descriptorLimit(200).run();
        List<String> told = output.lines().toList();
        assertThat(told).endsWith("one left at the end");
        for (String call : Exhaustion.CALLS.keySet()) {
            assertThat(told).contains("before: " + call + " opened");
            assertThat(told).contains("none left: " + call + " EMFILE");
            assertThat(told)
                    .contains(
                            "one left: "
                                    + call
                                    + (Exhaustion.PAIRS.contains(call) ? " EMFILE" : " opened"));
        }
    }

    /** Runs with a low limit of descriptors, and first loads everything that it needs. */
    static final class Exhaustion {
        private static final PosixDescriptors DESCRIPTORS = PosixDescriptors.INSTANCE;
        private static final Map<String, Opens> CALLS = new LinkedHashMap<>();
        private static final Set<String> PAIRS = Set.of("pipe", "socketPair", "pty");
        private static int listener;

        interface Opens {
            int[] open() throws IOException;
        }

        static {
            CALLS.put("stream", () -> one(DESCRIPTORS.openStream(StandardProtocolFamily.INET)));
            CALLS.put("listener", () -> one(DESCRIPTORS.openListener(StandardProtocolFamily.INET)));
            CALLS.put("datagram", () -> one(DESCRIPTORS.openDatagram(StandardProtocolFamily.UNIX)));
            CALLS.put("file", () -> one(DESCRIPTORS.open(Path.of("/"))));
            CALLS.put("dup", () -> one(DESCRIPTORS.dup(listener)));
            CALLS.put("eventfd", () -> one(DESCRIPTORS.eventfd(0)));
            CALLS.put("timerfd", () -> one(DESCRIPTORS.timerfd()));
            CALLS.put("inotify", () -> one(DESCRIPTORS.inotify()));
            CALLS.put("pidfd", () -> one(DESCRIPTORS.pidfd(ProcessHandle.current().pid())));
            CALLS.put("pipe", () -> Ends.of(DESCRIPTORS.pipe()));
            CALLS.put("socketPair", () -> Ends.of(DESCRIPTORS.socketPair()));
            CALLS.put("pty", () -> Ends.of(DESCRIPTORS.pty()));
            CALLS.put("accept", () -> one(DESCRIPTORS.accept(listener)));
        }

        private static int[] one(int fd) {
            return new int[] {fd};
        }

        public static void main(String[] arguments) throws IOException {
            listener = DESCRIPTORS.openListener(StandardProtocolFamily.UNIX);
            Path path = Path.of("/tmp", "exhaustion-" + ProcessHandle.current().pid());
            UnixDomainSocketAddress address = UnixDomainSocketAddress.of(path);
            DESCRIPTORS.listen(listener, address, 2);
            for (int i = 0; i < 2; i++) {
                int client = DESCRIPTORS.openStream(StandardProtocolFamily.UNIX);
                DESCRIPTORS.connect(client, address);
            }
            path.toFile().delete();
            tell("before");
            int last = listener;
            try {
                while (last < 1000) {
                    last = DESCRIPTORS.dup(listener);
                }
            } catch (PollerException e) {
                System.out.println(e.errno());
            }
            tell("none left");
            DESCRIPTORS.close(last);
            tell("one left");
            System.out.println(DESCRIPTORS.dup(listener) == last ? "one left at the end" : "lost");
        }

        private static void tell(String when) throws IOException {
            for (Map.Entry<String, Opens> call : CALLS.entrySet()) {
                System.out.println(when + ": " + call.getKey() + ' ' + result(call.getValue()));
            }
        }

        private static String result(Opens call) throws IOException {
            try {
                for (int fd : call.open()) {
                    if (fd == Descriptors.NONE) {
                        return "none";
                    }
                    DESCRIPTORS.close(fd);
                }
                return "opened";
            } catch (PollerException e) {
                return e.errno().name();
            }
        }
    }
}
