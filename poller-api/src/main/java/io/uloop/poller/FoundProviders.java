package io.uloop.poller;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;

/**
 * The backends on a class path or module path.
 *
 * @param byPriority those that could be loaded, best first
 * @param faults why others could not be, in words
 */
record FoundProviders(List<PollerProvider> byPriority, List<String> faults) {
    /** So that a loader which fails time after time cannot go on for ever. */
    private static final int MAX_FAULTS = 20;

    private static final List<String> NATIVE_PROVIDERS =
            List.of(
                    "io.uloop.poller.epoll.EpollProvider",
                    "io.uloop.poller.kqueue.KqueueProvider",
                    "io.uloop.poller.poll.PollProvider");

    static FoundProviders find(ClassLoader loader) {
        List<PollerProvider> found = new ArrayList<>();
        List<String> faults = new ArrayList<>();
        Iterator<PollerProvider> services =
                ServiceLoader.load(PollerProvider.class, loader).iterator();
        boolean more = true;
        while (more && faults.size() < MAX_FAULTS) {
            try {
                more = services.hasNext();
                if (more) {
                    found.add(services.next());
                }
            } catch (ServiceConfigurationError | LinkageError e) {
                faults.add(
                        "a backend cannot be loaded ("
                                + e.getMessage()
                                + "); keep all classes of io.uloop in the jar, and the services"
                                + " of its modules");
            }
        }
        found.sort(
                Comparator.comparingInt(PollerProvider::priority)
                        .reversed()
                        .thenComparing(PollerProvider::name));
        if (faults.isEmpty()) {
            findUnlisted(loader, found, faults);
        }
        return new FoundProviders(List.copyOf(found), List.copyOf(faults));
    }

    /** A jar of several often holds the classes of all, but the services of one. */
    private static void findUnlisted(
            ClassLoader loader, List<PollerProvider> found, List<String> faults) {
        for (String name : NATIVE_PROVIDERS) {
            boolean listed =
                    found.stream().anyMatch(provider -> provider.getClass().getName().equals(name));
            if (!listed && loader.getResource(name.replace('.', '/') + ".class") != null) {
                faults.add(
                        name
                                + " is there, but META-INF/services/"
                                + PollerProvider.class.getName()
                                + " does not list it; join these files when jars are merged"
                                + " (ServicesResourceTransformer of the Shade plugin)");
                return;
            }
        }
    }
}
