package io.uloop.poller;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Finds the backends and opens the one that was asked for, or else the best usable one.
 *
 * <p>A specification is a comma-separated list. Names mean "the first usable of these", in their
 * order: {@code "poll,select"}. {@code !name} means "any but", by priority: {@code "!epoll"}. The
 * two can be mixed. Without a specification the system property {@value #PROPERTY} is asked, then
 * the environment variable {@value #ENVIRONMENT}, then priority alone decides.
 *
 * <p>Every method may be called by any thread.
 */
public final class Pollers {
    /** The system property that holds a specification. */
    public static final String PROPERTY = "uloop.poller";

    /** The environment variable that holds a specification, for when the property is not set. */
    public static final String ENVIRONMENT = "ULOOP_POLLER";

    private static final System.Logger LOGGER = System.getLogger("io.uloop.poller");

    private static final Set<String> LOGGED = ConcurrentHashMap.newKeySet();

    private Pollers() {}

    /**
     * Opens the backend that the property or the environment asks for, or the best usable one.
     *
     * @return a new poller
     * @throws PollerUnavailableException if what is asked for is unknown or not usable
     * @throws IOException as {@link PollerProvider#open}
     */
    public static Poller open() throws IOException {
        return provider().open();
    }

    /**
     * Opens the backend that a specification asks for.
     *
     * @param spec {@code "epoll"}, {@code "poll,select"}, {@code "!epoll"}
     * @return a new poller
     * @throws PollerUnavailableException if what is asked for is unknown or not usable
     * @throws IOException as {@link PollerProvider#open}
     */
    public static Poller open(String spec) throws IOException {
        return provider(spec).open();
    }

    /**
     * Finds the backend that the property or the environment asks for, or the best usable one.
     *
     * @return a usable provider
     * @throws PollerUnavailableException if what is asked for is unknown or not usable
     */
    public static PollerProvider provider() {
        String property = System.getProperty(PROPERTY);
        if (property != null && !property.isBlank()) {
            return select(property, "-D" + PROPERTY + "=" + property, providers());
        }
        String environment = System.getenv(ENVIRONMENT);
        if (environment != null && !environment.isBlank()) {
            return select(environment, ENVIRONMENT + "=" + environment, providers());
        }
        return select(null, "priority", providers());
    }

    /**
     * Finds the backend that a specification asks for.
     *
     * @param spec {@code "epoll"}, {@code "poll,select"}, {@code "!epoll"}
     * @return a usable provider
     * @throws PollerUnavailableException if what is asked for is unknown or not usable
     */
    public static PollerProvider provider(String spec) {
        return select(Objects.requireNonNull(spec), "\"" + spec + "\"", providers());
    }

    /**
     * Lists every backend on the class path or module path, usable here or not. Looked up anew each
     * time, by this class's own loader.
     *
     * @return best first
     */
    public static List<PollerProvider> providers() {
        List<PollerProvider> found = new ArrayList<>();
        ServiceLoader.load(PollerProvider.class, Pollers.class.getClassLoader())
                .forEach(found::add);
        found.sort(
                Comparator.comparingInt(PollerProvider::priority)
                        .reversed()
                        .thenComparing(PollerProvider::name));
        return List.copyOf(found);
    }

    static PollerProvider select(
            @Nullable String spec, String source, List<PollerProvider> byPriority) {
        Set<String> wanted = new LinkedHashSet<>();
        Set<String> excluded = new LinkedHashSet<>();
        if (spec != null) {
            parse(spec, source, byPriority, wanted, excluded);
        }
        List<PollerProvider> candidates =
                wanted.isEmpty()
                        ? byPriority
                        : wanted.stream().map(name -> named(byPriority, name)).toList();
        List<String> passedOver = new ArrayList<>();
        for (PollerProvider candidate : candidates) {
            String reason =
                    excluded.contains(candidate.name()) ? "excluded" : candidate.unavailability();
            if (reason == null) {
                logOnce(candidate, source, passedOver);
                return candidate;
            }
            passedOver.add(candidate.name() + ": " + reason);
        }
        throw unavailable(source, "names no usable poller", byPriority);
    }

    private static void parse(
            String spec,
            String source,
            List<PollerProvider> byPriority,
            Set<String> wanted,
            Set<String> excluded) {
        for (String item : spec.split(",", -1)) {
            String name = item.strip();
            boolean negated = name.startsWith("!");
            if (negated) {
                name = name.substring(1).strip();
            }
            if (named(byPriority, name) == null) {
                throw unavailable(source, "names an unknown poller \"" + name + "\"", byPriority);
            }
            (negated ? excluded : wanted).add(name);
        }
    }

    private static @Nullable PollerProvider named(List<PollerProvider> providers, String name) {
        return providers.stream().filter(p -> p.name().equals(name)).findFirst().orElse(null);
    }

    private static PollerUnavailableException unavailable(
            String source, String fault, List<PollerProvider> byPriority) {
        String states =
                byPriority.isEmpty()
                        ? "none is on the class path; add one of io.uloop:poller-epoll,"
                                + " poller-kqueue, poller-poll, poller-select"
                        : byPriority.stream().map(Pollers::state).collect(Collectors.joining("; "));
        return new PollerUnavailableException(source + " " + fault + "; there are: " + states);
    }

    private static String state(PollerProvider provider) {
        String reason = provider.unavailability();
        return provider.name() + (reason == null ? " (usable)" : " (not usable: " + reason + ")");
    }

    private static void logOnce(PollerProvider chosen, String source, List<String> passedOver) {
        String message =
                "poller "
                        + chosen.name()
                        + " chosen by "
                        + source
                        + (passedOver.isEmpty()
                                ? ""
                                : "; passed over " + String.join("; ", passedOver));
        if (LOGGED.add(message)) {
            LOGGER.log(System.Logger.Level.INFO, message);
        }
    }
}
