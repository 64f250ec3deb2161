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
 * @param byPriority the backends that were loaded, best first
 * @param faults the reasons why others were not loaded
 */
record FoundProviders(List<PollerProvider> byPriority, List<String> faults) {
    /** Bounds the retries of a service loader that fails repeatedly. */
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
                        "cannot load a backend ("
                                + e.getMessage()
                                + "); keep all classes and service files of io.uloop in the jar");
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

    /**
     * Reports a native backend whose class is present but not listed as a service. A merged jar
     * often contains the classes of several backends but the service file of only one.
     */
    private static void findUnlisted(
            ClassLoader loader, List<PollerProvider> found, List<String> faults) {
        for (String name : NATIVE_PROVIDERS) {
            boolean listed =
                    found.stream().anyMatch(provider -> provider.getClass().getName().equals(name));
            if (!listed && loader.getResource(name.replace('.', '/') + ".class") != null) {
                faults.add(
                        name
                                + " is present, but META-INF/services/"
                                + PollerProvider.class.getName()
                                + " does not list it; combine these files when merging jars"
                                + " (ServicesResourceTransformer of the Shade plugin)");
                return;
            }
        }
    }
}
