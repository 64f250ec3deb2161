package io.uloop.examples;

import io.uloop.Uloop;
import io.uloop.poller.Descriptors;
import io.uloop.poller.Poller;
import io.uloop.poller.PollerException;
import io.uloop.poller.PollerProvider;
import io.uloop.poller.Pollers;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A provider of your own, whose pollers print every call before they pass it to the best poller
 * that is usable here.
 *
 * @param best the provider of that poller
 */
record OwnPoller(PollerProvider best) implements PollerProvider {
    public static void main(String[] arguments) throws IOException {
        OwnPoller provider = new OwnPoller(Pollers.provider());
        try (Uloop loop = Uloop.builder().poller(provider).build()) {
            System.out.println("using " + loop.provider().name());
            loop.callLater(Duration.ofMillis(50), loop::stop);
            loop.run();
        }
    }

    @Override
    public Poller open() throws PollerException {
        Poller poller = best.open();
        return (Poller)
                Proxy.newProxyInstance(
                        Poller.class.getClassLoader(),
                        new Class<?>[] {Poller.class},
                        (proxy, method, arguments) -> {
                            System.out.println(method.getName() + Arrays.toString(arguments));
                            try {
                                return method.invoke(poller, arguments);
                            } catch (InvocationTargetException e) {
                                throw e.getCause();
                            }
                        });
    }

    @Override
    public Descriptors descriptors() {
        return best.descriptors();
    }

    @Override
    public int supportedEvents() {
        return best.supportedEvents();
    }

    @Override
    public @Nullable String unavailability() {
        return best.unavailability();
    }

    @Override
    public String name() {
        return "printing-" + best.name();
    }

    @Override
    public int priority() {
        return 0; // is only chosen by name, or passed to a loop as above
    }
}
