package io.uloop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails a test that leaves sockets, pipes or pollers open. Files are not counted: the JVM opens
 * jars when it likes.
 */
public final class NoDescriptorLeak implements BeforeEachCallback, AfterEachCallback {
    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

    private List<String> before = List.of();

    @Override
    public void beforeEach(ExtensionContext context) throws IOException {
        before = open();
    }

    @Override
    public void afterEach(ExtensionContext context) {
        // NIO closes a registered channel's descriptor only with its selector's next turn.
        Awaitility.await("descriptors as before the test")
                .atMost(Duration.ofSeconds(10))
                .pollInterval(Duration.ofMillis(5))
                .untilAsserted(() -> assertThat(open()).hasSizeLessThanOrEqualTo(before.size()));
    }

    private static List<String> open() throws IOException {
        List<String> targets = new ArrayList<>();
        if (!Files.isDirectory(DESCRIPTORS)) {
            return targets;
        }
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(DESCRIPTORS)) {
            for (Path entry : entries) {
                try {
                    String target = Files.readSymbolicLink(entry).toString();
                    if (target.matches("(socket|pipe|anon_inode):.*")) {
                        targets.add(entry.getFileName() + " " + target);
                    }
                } catch (NoSuchFileException e) {
                    // The listing's own descriptor, or one closed since.
                }
            }
        }
        return targets;
    }
}
