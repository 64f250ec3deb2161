package io.uloop.poller;

import static java.util.stream.Collectors.joining;

import java.io.IOException;
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
 * Finds the backends and opens the one that was asked for, or else the best usable one.
 *
 * <p>A specification is a comma-separated list. Names mean "the first usable of these", in their
 * order: {@code "poll,select"}. {@code !name} means "any but", by priority: {@code "!epoll"}. The
 * two can be mixed. The name {@value #NATIVE} stands for every backend that is made for this
 * operating system: {@code "native"} refuses to fall back to another one. Without a specification
 * the system property {@value #PROPERTY} is asked, then the environment variable {@value
 * #ENVIRONMENT}, then priority alone decides.
 *
 * <p>The choice is logged once by {@code io.uloop.poller}: as INFO, or as a WARNING with the reason
 * and the cure if a backend that is made for this operating system had to be passed over.
 *
 * <p>Every method may be called by any thread.
 */
public final class Pollers {
    /** The system property that holds a specification. */
    public static final String PROPERTY = "uloop.poller";

    /** The environment variable that holds a specification, for when the property is not set. */
    public static final String ENVIRONMENT = "ULOOP_POLLER";

    /** The name that stands for the backends made for this operating system. */
    public static final String NATIVE = "native";

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
            return select(property, "-D" + PROPERTY + "=" + property, found());
        }
        String environment = System.getenv(ENVIRONMENT);
        if (environment != null && !environment.isBlank()) {
            return select(environment, ENVIRONMENT + "=" + environment, found());
        }
        return select(null, "priority", found());
    }

    /**
     * Finds the backend that a specification asks for.
     *
     * @param spec {@code "epoll"}, {@code "poll,select"}, {@code "!epoll"}
     * @return a usable provider
     * @throws PollerUnavailableException if what is asked for is unknown or not usable
     */
    public static PollerProvider provider(String spec) {
        return select(Objects.requireNonNull(spec), "\"" + spec + "\"", found());
    }

    /**
     * Lists every backend on the class path or module path, usable here or not. Looked up anew each
     * time, by this class's own loader.
     *
     * @return best first
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

    /** A provider whose own jars are incomplete cannot even say so. */
    private static @Nullable String unavailability(PollerProvider provider) {
        try {
            return provider.unavailability();
        } catch (LinkageError e) {
            return "a class is missing ("
                    + e
                    + "); put the jars that io.uloop:poller-"
                    + provider.name()
                    + " depends on beside it";
        }
    }

    /** Returns whether the specification names what it wants, and not only what it does not. */
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
                        ? "none is on the class path; add one of io.uloop:poller-epoll,"
                                + " poller-kqueue, poller-poll, poller-select"
                        : found.byPriority().stream().map(Pollers::state).collect(joining("; "));
        String faults = found.faults().stream().map(each -> "; " + each).collect(joining());
        return new PollerUnavailableException(
                source + " " + fault + "; there are: " + states + faults);
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
                        .collect(joining("; ", " instead of the system's own: ", ""))
                + "; to go on like this set -D"
                + PROPERTY
                + "="
                + chosen.name()
                + ", to have it refused -D"
                + PROPERTY
                + "="
                + NATIVE;
    }

    private static String cannotBeUsed(List<String> names) {
        return names.isEmpty() ? "" : String.join(" and ", names) + " cannot be used: ";
    }
}
