package io.uloop.poller.select;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.Pipe;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Fails a test after which the system has more sockets, pipes or selectors open than before. */
final class NoDescriptorLeaks implements BeforeEachCallback, AfterEachCallback {
    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

    static {
        try { // the JDK keeps some from its first channels on
            SocketChannel.open().close();
            Selector.open().close();
            Pipe pipe = Pipe.open();
            pipe.source().close();
            pipe.sink().close();
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
        await("no leaked descriptor")
                .untilAsserted(() -> assertThat(open()).as("open descriptors").isEqualTo(before));
    }

    /** The system's descriptors, except of regular files and devices. */
    static Map<Integer, String> open() throws IOException {
        Map<Integer, String> open = new TreeMap<>();
        if (!Files.isDirectory(DESCRIPTORS)) {
            return open; // this system does not tell
        }
        try (DirectoryStream<Path> links = Files.newDirectoryStream(DESCRIPTORS)) {
            for (Path link : links) {
                try {
                    String file = Files.readSymbolicLink(link).toString();
                    if (!file.startsWith("/")) {
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
