package io.uloop.poller.kqueue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The reasons why kqueue is unavailable. */
class KqueueSystemTest {
    private static @Nullable String reason(String system, @Nullable String library) {
        return KqueueSystem.find(system, "1.0", library).unavailability();
    }

    @Test
    void linuxHasNoKqueueWithoutALibrary() {
        assertThat(reason("Linux", null))
                .isEqualTo(
                        "kqueue requires BSD or macOS, and this is Linux; to use a libkqueue,"
                                + " set its path with -Duloop.kqueue.library=/absolute/path/libkqueue.so.0");
    }

    @Test
    void windowsHasNoKqueue() {
        assertThat(reason("Windows 11", "/nowhere/libkqueue.so.0"))
                .isEqualTo("kqueue requires BSD or macOS, and this is Windows 11");
    }

    @Test
    void netBsdIsUnsupported() {
        assertThat(reason("NetBSD", null)).contains("NetBSD", "JNR", "select");
    }

    @Test
    void relativeLibraryPathIsRejected() {
        for (String library : new String[] {"kqueue", "libkqueue.so.0", "./libkqueue.so.0", ""}) {
            assertThat(reason("Linux", library))
                    .startsWith("-Duloop.kqueue.library=" + library + " is not an absolute path");
        }
    }

    @Test
    void missingLibraryIsRejected(@TempDir Path directory) {
        String library = directory.resolve("libkqueue.so.0").toString();
        assertThat(reason("Linux", library)).contains(library, "is not a file");
        assertThat(reason("Linux", directory.toString())).contains("is not a file");
    }

    @Test
    void fileThatIsNoLibraryIsRejected(@TempDir Path directory) throws IOException {
        Path library = Files.writeString(directory.resolve("libkqueue.so.0"), "no library");
        assertThat(reason("Linux", library.toString()))
                .contains(library.toString(), "cannot be loaded as libkqueue");
    }

    @Test
    void invalidPathIsRejected() {
        assertThat(reason("Linux", "/lib\0kqueue")).contains("is not a path");
    }

    @Test
    void openWithoutKqueueThrowsTheReason() {
        KqueueSystem none = KqueueSystem.find("Linux", "6.18", null);
        assertThatThrownBy(none::openPoller)
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessage(none.unavailability());
    }

    @Test
    void providerIsFoundWithItsAvailability() {
        KqueueProvider provider = new KqueueProvider();
        assertThat(provider.name()).isEqualTo("kqueue");
        assertThat(provider.priority()).isEqualTo(300);
        if (provider.unavailability() == null) {
            assertThat(provider.descriptors()).isNotNull();
        } else {
            assertThatThrownBy(provider::open)
                    .isInstanceOf(UnsupportedOperationException.class)
                    .hasMessage(provider.unavailability());
            assertThatThrownBy(provider::descriptors)
                    .isInstanceOf(UnsupportedOperationException.class)
                    .hasMessage(provider.unavailability());
        }
    }
}
