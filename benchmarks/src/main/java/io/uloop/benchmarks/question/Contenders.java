package io.uloop.benchmarks.question;

import io.netty.channel.epoll.Epoll;
import io.netty.channel.uring.IoUring;
import io.uloop.poller.PollerProvider;
import io.uloop.poller.PollerUnavailableException;
import io.uloop.poller.Pollers;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The names of what the questions compare. A backend of Uloop has the name of its provider. A
 * suffix selects the native binding: {@code epoll-foreign} is epoll by {@code java.lang.foreign}.
 */
public final class Contenders {
    /** The system property that selects the native binding. */
    private static final String BINDING = "uloop.native";

    private Contenders() {}

    /**
     * Returns why a contender cannot run here.
     *
     * @param contender a name
     * @return the reason and what to do, or null if it can run
     */
    public static @Nullable String unavailability(String contender) {
        return switch (contender) {
            case "c" -> Limit.unavailability();
            case "netty-epoll" -> reason(Epoll.unavailabilityCause());
            case "netty-io_uring" -> reason(IoUring.unavailabilityCause());
            case "jnr-enxio" -> nativeUnavailability();
            case "jdk", "jdk-consumer", "jdk-keys", "netty", "netty-nio", "array" -> null;
            default -> contender.startsWith("uloop") ? null : unavailableBackend(contender);
        };
    }

    private static @Nullable String reason(@Nullable Throwable cause) {
        return cause == null ? null : cause.toString();
    }

    private static @Nullable String nativeUnavailability() {
        try {
            var unused = nativeProvider();
            return null;
        } catch (PollerUnavailableException e) {
            return e.getMessage();
        }
    }

    private static @Nullable String unavailableBackend(String contender) {
        int dash = contender.indexOf('-');
        String binding = dash < 0 ? "" : contender.substring(dash + 1);
        if (!binding.isEmpty() && !binding.equals(System.getProperty(BINDING))) {
            return "this JVM does not use the native binding "
                    + binding
                    + "; set -D"
                    + BINDING
                    + '='
                    + binding;
        }
        String name = dash < 0 ? contender : contender.substring(0, dash);
        for (PollerProvider provider : Pollers.providers()) {
            if (provider.name().equals(name)) {
                return provider.unavailability();
            }
        }
        return "there is no backend " + name;
    }

    /** Returns the backend of a contender. */
    static PollerProvider provider(String contender) {
        int dash = contender.indexOf('-');
        return Pollers.provider(dash < 0 ? contender : contender.substring(0, dash));
    }

    /** Returns a backend that opens descriptors for libraries that work with those of others. */
    static PollerProvider nativeProvider() {
        return Pollers.provider("epoll,kqueue,poll");
    }

    /** Prepares a batch on the sockets of a contender. */
    interface Preparation {
        Batch prepare(Readiness readiness) throws IOException;
    }

    /** Opens a batch of any contender except {@code c}. */
    static Batch open(String contender, Preparation preparation) throws IOException {
        Readiness readiness = readiness(contender);
        try {
            return preparation.prepare(readiness);
        } catch (IOException | RuntimeException e) {
            readiness.close();
            throw e;
        }
    }

    private static Readiness readiness(String contender) throws IOException {
        return switch (contender) {
            case "jdk-consumer" ->
                    new SelectorReadiness(new JdkChannels(), SelectorReadiness.Style.CONSUMER);
            case "jdk-keys" ->
                    new SelectorReadiness(new JdkChannels(), SelectorReadiness.Style.KEYS);
            case "jnr-enxio" ->
                    new SelectorReadiness(
                            new EnxioChannels(nativeProvider()), SelectorReadiness.Style.KEYS);
            case "netty-epoll" -> new NettyEpollReadiness(nativeProvider());
            default -> new PollerReadiness(provider(contender));
        };
    }
}
