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

/** The backends under test. Each test class runs once per usable backend. */
public final class Backends {
    private static final List<Arguments> USABLE = find();

    private Backends() {}

    /**
     * Returns the usable backends. Prints the skipped ones once, with the reason.
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
     * Opens what the JDK and the libraries keep open after their first use, which is not a leak.
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
            throw new UncheckedIOException("cannot use " + provider.name(), e);
        }
    }
}
