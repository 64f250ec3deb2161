package io.uloop.poller;

import static java.util.stream.Collectors.joining;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Finds backends and opens the requested one, or otherwise the best usable one.
 *
 * <pre>{@code
 * try (Poller poller = Pollers.open()) {
 *     poller.add(fd, UEvent.IN | UEvent.ONESHOT);
 *     poller.poll(TimeUnit.SECONDS.toNanos(1), (ready, events) -> handle(ready, events));
 * }
 * }</pre>
 *
 * <p>A specification is a comma-separated list. Names are tried in their order: {@code
 * "poll,select"} selects the first usable one. {@code !name} excludes a backend and selects the
 * best other one by priority: {@code "!epoll"}. Both forms can be mixed. The name {@value #NATIVE}
 * stands for every backend made for this operating system, so {@code "native"} prevents a fallback
 * to another one. Without a specification, the system property {@value #PROPERTY} is used, then the
 * environment variable {@value #ENVIRONMENT}, then priority alone.
 *
 * <p>The logger {@code io.uloop.poller} logs each choice once. The level is INFO. It is WARNING,
 * with the reason and the remedy, if a backend made for this operating system was passed over.
 *
 * <p>Thread-safe.
 *
 * @since 0.1
 */
public final class Pollers {
    /** The system property that contains a specification. */
    public static final String PROPERTY = "uloop.poller";

    /**
     * The environment variable that contains a specification. It is ignored if the property is set.
     */
    public static final String ENVIRONMENT = "ULOOP_POLLER";

    /** The name that stands for all backends made for this operating system. */
    public static final String NATIVE = "native";

    private static final System.Logger LOGGER = System.getLogger("io.uloop.poller");

    private static final Set<String> LOGGED = ConcurrentHashMap.newKeySet();

    private Pollers() {}

    /**
     * Opens a poller of the backend selected by the property or the environment, or of the best
     * usable one.
     *
     * @return a new poller
     * @throws PollerUnavailableException if the requested backend is unknown or not usable
     * @throws PollerException as {@link PollerProvider#open}
     */
    public static Poller open() throws PollerException {
        return provider().open();
    }

    /**
     * Opens a poller of the backend selected by a specification.
     *
     * @param spec a specification, such as {@code "epoll"}, {@code "poll,select"} or {@code
     *     "!epoll"}
     * @return a new poller
     * @throws PollerUnavailableException if the requested backend is unknown or not usable
     * @throws PollerException as {@link PollerProvider#open}
     */
    public static Poller open(String spec) throws PollerException {
        return provider(spec).open();
    }

    /**
     * Returns the backend selected by the property or the environment, or the best usable one.
     *
     * @return a usable provider
     * @throws PollerUnavailableException if the requested backend is unknown or not usable
     */
    public static PollerProvider provider() {
        String property = System.getProperty(PROPERTY);
        if (property != null && !property.isBlank()) {
            return select(property, "-D" + PROPERTY + "=" + property, found());
        }
        String environment = System.getenv(ENVIRONMENT);
        if (environment != null && !environment.isBlank()) {
            return select(environment, ENVIRONMENT + "=" + environment, found());
        }
        return select(null, "priority", found());
    }

    /**
     * Returns the backend selected by a specification.
     *
     * @param spec a specification, such as {@code "epoll"}, {@code "poll,select"} or {@code
     *     "!epoll"}
     * @return a usable provider
     * @throws PollerUnavailableException if the requested backend is unknown or not usable
     */
    public static PollerProvider provider(String spec) {
        return select(Objects.requireNonNull(spec), "\"" + spec + "\"", found());
    }

    /**
     * Returns every backend on the class path or module path, whether usable here or not. Searches
     * again on each call, with the class loader of this class.
     *
     * @return the providers, best first
     */
    public static List<PollerProvider> providers() {
        return found().byPriority();
    }

    private static FoundProviders found() {
        return FoundProviders.find(Pollers.class.getClassLoader());
    }

    static PollerProvider select(@Nullable String spec, String source, FoundProviders found) {
        Set<String> wanted = new LinkedHashSet<>();
        Set<String> excluded = new LinkedHashSet<>();
        boolean anyWanted = spec == null || !parse(spec, source, found, wanted, excluded);
        List<PollerProvider> byPriority = found.byPriority();
        List<PollerProvider> candidates =
                anyWanted
                        ? byPriority
                        : wanted.stream().map(name -> named(byPriority, name)).toList();
        List<String> passedOver = new ArrayList<>();
        Map<String, List<String>> faults = new LinkedHashMap<>();
        for (PollerProvider candidate : candidates) {
            boolean isExcluded = excluded.contains(candidate.name());
            String reason = isExcluded ? "excluded" : unavailability(candidate);
            if (reason == null) {
                if (!candidate.isNative() && (anyWanted || !passedOver.isEmpty())) {
                    found.faults().forEach(fault -> faults.put(fault, List.of()));
                }
                logOnce(candidate, source, passedOver, faults);
                return candidate;
            }
            passedOver.add(candidate.name() + ": " + reason);
            if (!isExcluded && candidate.isNative()) {
                faults.computeIfAbsent(reason, key -> new ArrayList<>()).add(candidate.name());
            }
        }
        throw unavailable(source, "names no usable poller", found);
    }

    /** Returns why a provider is unusable. A provider with missing classes cannot answer itself. */
    private static @Nullable String unavailability(PollerProvider provider) {
        try {
            return provider.unavailability();
        } catch (LinkageError e) {
            return "a class is missing ("
                    + e
                    + "); add the dependencies of io.uloop:poller-"
                    + provider.name()
                    + " to the class path";
        }
    }

    /** Returns whether the specification names a wanted backend, not only excluded ones. */
    private static boolean parse(
            String spec,
            String source,
            FoundProviders found,
            Set<String> wanted,
            Set<String> excluded) {
        boolean names = false;
        for (String item : spec.split(",", -1)) {
            String name = item.strip();
            boolean negated = name.startsWith("!");
            if (negated) {
                name = name.substring(1).strip();
            }
            names |= !negated;
            Set<String> target = negated ? excluded : wanted;
            if (name.equals(NATIVE)) {
                found.byPriority().stream()
                        .filter(PollerProvider::isNative)
                        .forEach(provider -> target.add(provider.name()));
            } else if (named(found.byPriority(), name) == null) {
                throw unavailable(source, "names an unknown poller \"" + name + "\"", found);
            } else {
                target.add(name);
            }
        }
        return names;
    }

    private static @Nullable PollerProvider named(List<PollerProvider> providers, String name) {
        return providers.stream().filter(p -> p.name().equals(name)).findFirst().orElse(null);
    }

    private static PollerUnavailableException unavailable(
            String source, String fault, FoundProviders found) {
        String states =
                found.byPriority().isEmpty()
                        ? "none; add io.uloop:poller-epoll, poller-kqueue, poller-poll or"
                                + " poller-select to the class path"
                        : found.byPriority().stream().map(Pollers::state).collect(joining("; "));
        String faults = found.faults().stream().map(each -> "; " + each).collect(joining());
        return new PollerUnavailableException(source + " " + fault + "; found: " + states + faults);
    }

    private static String state(PollerProvider provider) {
        String reason = unavailability(provider);
        return provider.name() + (reason == null ? " (usable)" : " (not usable: " + reason + ")");
    }

    private static void logOnce(
            PollerProvider chosen,
            String source,
            List<String> passedOver,
            Map<String, List<String>> faults) {
        System.Logger.Level level =
                faults.isEmpty() ? System.Logger.Level.INFO : System.Logger.Level.WARNING;
        String message =
                "poller "
                        + chosen.name()
                        + " chosen by "
                        + source
                        + (chosen.binding() == null ? "" : "; native code by " + chosen.binding())
                        + (faults.isEmpty() ? plainly(passedOver) : asAFault(chosen, faults));
        if (LOGGED.add(message)) {
            LOGGER.log(level, message);
        }
    }

    private static String plainly(List<String> passedOver) {
        return passedOver.isEmpty() ? "" : "; passed over " + String.join("; ", passedOver);
    }

    private static String asAFault(PollerProvider chosen, Map<String, List<String>> faults) {
        return faults.entrySet().stream()
                        .map(fault -> cannotBeUsed(fault.getValue()) + fault.getKey())
                        .collect(joining("; ", " instead of a native backend; ", ""))
                + "; to accept this set -D"
                + PROPERTY
                + "="
                + chosen.name()
                + ", to reject it set -D"
                + PROPERTY
                + "="
                + NATIVE;
    }

    private static String cannotBeUsed(List<String> names) {
        return names.isEmpty() ? "" : String.join(" and ", names) + " cannot be used: ";
    }
}
