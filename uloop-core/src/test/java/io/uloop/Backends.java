package io.uloop;

import io.uloop.poller.Descriptors;
import io.uloop.poller.Poller;
import io.uloop.poller.PollerProvider;
import io.uloop.poller.Pollers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.nio.channels.Pipe;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.provider.Arguments;

/** The backends that the suites run on, each test class once per usable one. */
public final class Backends {
    private static final List<Arguments> USABLE = find();

    private Backends() {}

    /**
     * Gives the usable ones; what is skipped is printed once, with the reason.
     *
     * @return at least one, best first
     */
    public static List<Arguments> usable() {
        return USABLE;
    }

    private static List<Arguments> find() {
        List<Arguments> usable = new ArrayList<>();
        for (PollerProvider provider : Pollers.providers()) {
            String reason = provider.unavailability();
            if (reason == null) {
                warmUp(provider);
                usable.add(Arguments.of(Named.of(provider.name(), provider)));
            } else {
                System.out.println("backend " + provider.name() + " skipped: " + reason);
            }
        }
        return List.copyOf(usable);
    }

    /**
     * The JDK and the libraries keep a descriptor or two from their first use: no leak of a test.
     */
    private static void warmUp(PollerProvider provider) {
        try (Poller poller = provider.open()) {
            Descriptors io = provider.descriptors();
            int socket = io.openStream(StandardProtocolFamily.INET);
            poller.poll(0, (fd, events) -> {});
            io.close(socket);
            for (int end : io.pipe()) {
                io.close(end);
            }
            Pipe pipe = Pipe.open();
            pipe.source().close();
            pipe.sink().close();
        } catch (IOException e) {
            throw new UncheckedIOException(provider.name() + " cannot be used", e);
        }
    }
}
