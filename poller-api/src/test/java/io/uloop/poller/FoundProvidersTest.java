package io.uloop.poller;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Loads backends from incomplete jars. */
class FoundProvidersTest {
    private static final String SERVICES = "META-INF/services/" + PollerProvider.class.getName();
    private static final String EPOLL = "io.uloop.poller.epoll.EpollProvider";

    @TempDir private Path folder;

    /** A fallback backend that can be loaded. */
    public static final class Fallback extends FakeProvider {
        /** Called by {@link java.util.ServiceLoader}. */
        public Fallback() {
            super("fallback", 1, false, null);
        }
    }

    @Test
    void missingProviderClassIsFaultAndOthersAreFound() throws IOException {
        write(SERVICES, EPOLL + "\n" + Fallback.class.getName() + "\n");
        FoundProviders found = find();
        assertThat(found.byPriority()).extracting(PollerProvider::name).containsExactly("fallback");
        assertThat(found.faults()).singleElement().asString().contains(EPOLL, "keep all classes");
    }

    @Test
    void unlistedProviderIsFault() throws IOException {
        write(SERVICES, Fallback.class.getName() + "\n");
        write(EPOLL.replace('.', '/') + ".class", "");
        assertThat(find().faults())
                .singleElement()
                .asString()
                .contains(EPOLL, SERVICES, "ServicesResourceTransformer");
    }

    @Test
    void absentProviderIsNotFault() throws IOException {
        write(SERVICES, Fallback.class.getName() + "\n");
        FoundProviders found = find();
        assertThat(found.byPriority()).hasSize(1);
        assertThat(found.faults()).isEmpty();
    }

    private void write(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    /** Searches only the folder, without the rest of the class path. */
    private FoundProviders find() throws IOException {
        ClassLoader classes = new OnlyClasses(PollerProvider.class.getClassLoader());
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {folder.toUri().toURL()}, classes)) {
            return FoundProviders.find(loader);
        }
    }

    /** Loads the classes of another loader but hides its resources. */
    private static final class OnlyClasses extends ClassLoader {
        private final ClassLoader classes;

        OnlyClasses(ClassLoader classes) {
            super(null);
            this.classes = classes;
        }

        @Override
        protected Class<?> findClass(String name) throws ClassNotFoundException {
            if (name.startsWith("io.uloop.poller.epoll")) {
                throw new ClassNotFoundException(name);
            }
            return classes.loadClass(name);
        }
    }
}
