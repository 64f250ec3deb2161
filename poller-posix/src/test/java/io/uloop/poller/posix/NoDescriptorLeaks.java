package io.uloop.poller.posix;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.SocketChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Fails a test after which more sockets, pipes, terminals or the like are open than before. */
final class NoDescriptorLeaks implements BeforeEachCallback, AfterEachCallback {
    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

    static {
        try {
            SocketChannel.open().close(); // the JDK keeps a descriptor from its first channel on
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Map<Integer, String> before = Map.of();

    @Override
    public void beforeEach(ExtensionContext context) throws IOException {
        before = open();
    }

    @Override
    public void afterEach(ExtensionContext context) {
        // The JDK closes the pipes of a child that has ended when it pleases.
        Awaitility.await("descriptors as before the test")
                .atMost(Duration.ofSeconds(10))
                .pollInterval(Duration.ofMillis(5))
                .untilAsserted(() -> assertThat(open()).as("open descriptors").isEqualTo(before));
    }

    static Map<Integer, String> open() throws IOException {
        Map<Integer, String> open = new TreeMap<>();
        try (DirectoryStream<Path> links = Files.newDirectoryStream(DESCRIPTORS)) {
            for (Path link : links) {
                try {
                    String file = Files.readSymbolicLink(link).toString();
                    if (!file.startsWith("/") || file.startsWith("/dev/p")) {
                        open.put(Integer.parseInt(link.getFileName().toString()), file);
                    }
                } catch (NoSuchFileException e) {
                    // closed meanwhile, by a thread of the JVM
                }
            }
        }
        return open;
    }
}
