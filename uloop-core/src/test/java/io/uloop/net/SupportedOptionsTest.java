package io.uloop.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.uloop.EachBackend;
import io.uloop.Uloop;
import io.uloop.poller.Descriptors;
import io.uloop.poller.PollerProvider;
import io.uloop.poller.Pollers;
import io.uloop.poller.tck.ChildJava;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketOption;
import java.net.StandardProtocolFamily;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Supported options in a JVM without descriptors or modules. */
class SupportedOptionsTest extends EachBackend {
    private ChildJava program() {
        return ChildJava.of(Asking.class, provider.name());
    }

    private static List<String> run(ChildJava program) throws Exception {
        return program.run().lines().filter(line -> line.startsWith("options: ")).toList();
    }

    @Test
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "it has no ulimit")
    void optionsAreQueriedAgainAfterEmfile() throws Exception {
        List<String> said = run(program().descriptorLimit(200));
        assertThat(said).hasSize(3);
        assertThat(said.get(0)).contains("SO_BROADCAST");
        assertThat(said.get(1)).contains("EMFILE");
        assertThat(said.get(2)).contains("TCP_NODELAY").contains("TCP_KEEPIDLE");
    }

    @Test
    void extendedOptionsAreAbsentWithoutJdkNet() throws Exception {
        String modules = "java.base,java.logging,java.management,jdk.unsupported";
        List<String> said = run(program().options("--limit-modules", modules));
        assertThat(said.get(said.size() - 1))
                .contains("TCP_NODELAY")
                .doesNotContain("TCP_KEEPIDLE");
    }

    /** Queries the options while descriptors are exhausted and again later. */
    static final class Asking {
        private Asking() {}

        public static void main(String[] arguments) throws IOException {
            ChildJava.loadClasses();
            PollerProvider provider = Pollers.provider(arguments[0]);
            try (Uloop loop = Uloop.builder().poller(provider).build();
                    UdpChannel udp = UdpChannel.open(loop, StandardProtocolFamily.INET);
                    TcpChannel tcp = TcpChannel.open(loop, StandardProtocolFamily.INET)) {
                tell(udp);
                List<Integer> hoard = hoard(loop.descriptors());
                try {
                    tcp.supportedOptions();
                } catch (UncheckedIOException e) {
                    System.out.println("options: " + e.getMessage());
                }
                for (int fd : hoard) {
                    loop.descriptors().close(fd);
                }
                tell(tcp);
            }
        }

        private static void tell(LoopSocket socket) {
            System.out.println(
                    "options: "
                            + socket.supportedOptions().stream()
                                    .map(SocketOption::name)
                                    .collect(Collectors.joining(" ")));
        }

        /** Opens descriptors until the tested limit. */
        private static List<Integer> hoard(Descriptors io) {
            List<Integer> hoard = new ArrayList<>();
            try {
                while (hoard.size() < 200) {
                    hoard.add(io.openStream(StandardProtocolFamily.INET));
                }
            } catch (IOException e) {
                System.out.println("no more: " + e.getMessage());
            }
            return hoard;
        }
    }
}
