package io.uloop.benchmarks.question;

import io.netty.channel.epoll.Epoll;
import io.netty.channel.uring.IoUring;
import io.uloop.poller.PollerProvider;
import io.uloop.poller.PollerUnavailableException;
import io.uloop.poller.Pollers;
import io.uloop.poller.posix.call.NativeAccess;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The names of what the questions compare. A backend of Uloop has the name of its provider, and the
 * native binding of this JVM. A suffix selects the other binding: {@code epoll-foreign} is epoll
 * through {@code java.lang.foreign}, {@code epoll-jnr} through JNR.
 */
public final class Contenders {
    /** The system property that selects the native binding. */
    private static final String BINDING = "uloop.native";

    private static final int FIRST_JDK_WITH_FOREIGN = 22;

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
        String backend = backend(contender);
        String binding = binding(contender);
        if (!binding.isEmpty() && isBinding(binding)) {
            return "the same as " + backend + ", which uses this native binding here";
        }
        if (binding.equals("foreign") && Runtime.version().feature() < FIRST_JDK_WITH_FOREIGN) {
            return "it requires JDK " + FIRST_JDK_WITH_FOREIGN + " or newer";
        }
        for (PollerProvider provider : Pollers.providers()) {
            if (provider.name().equals(backend)) {
                return provider.unavailability();
            }
        }
        return "there is no backend " + backend;
    }

    private static String backend(String contender) {
        int dash = contender.indexOf('-');
        return dash < 0 ? contender : contender.substring(0, dash);
    }

    private static String binding(String contender) {
        int dash = contender.indexOf('-');
        return dash < 0 ? "" : contender.substring(dash + 1);
    }

    /** Returns whether this JVM uses a native binding. */
    static boolean isBinding(String binding) {
        return NativeAccess.binding().equals(binding.equals("jnr") ? "JNR" : "java.lang.foreign");
    }

    /**
     * Returns the backend of a contender.
     *
     * @throws IllegalStateException if this JVM has used the other native binding
     */
    static PollerProvider provider(String contender) {
        String binding = binding(contender);
        if (!binding.isEmpty()) {
            System.setProperty(BINDING, binding);
            if (!isBinding(binding)) {
                throw new IllegalStateException(
                        "this JVM cannot change its native binding; start another one for "
                                + contender);
            }
        }
        return Pollers.provider(backend(contender));
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
