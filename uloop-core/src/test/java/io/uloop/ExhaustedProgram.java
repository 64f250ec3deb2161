package io.uloop;

import io.uloop.net.TcpChannel;
import io.uloop.poller.Descriptors;
import io.uloop.poller.PollerProvider;
import io.uloop.poller.Pollers;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Exhausts the descriptors of a listener on every usable backend, in a JVM with a low limit. */
final class ExhaustedProgram {
    private static final long DEADLINE_NANOS = TimeUnit.SECONDS.toNanos(60);

    private ExhaustedProgram() {}

    public static void main(String[] arguments) throws IOException {
        for (PollerProvider provider : Pollers.providers()) {
            if (provider.unavailability() == null) {
                run(provider);
            }
        }
    }

    private static void run(PollerProvider provider) throws IOException {
        Descriptors io = provider.descriptors();
        List<Integer> hoard = new ArrayList<>();
        try (CapturedLog log = new CapturedLog("io.uloop");
                Uloop loop =
                        Uloop.builder()
                                .poller(provider)
                                .spinThreshold(Duration.ofMillis(20))
                                .build()) {
            // Load all classes first, because that needs descriptors.
            fail(io);
            spin(loop, log, (fd, events) -> {});
            String[] refusal = new String[1];
            spin(
                    loop,
                    log,
                    (fd, events) -> {
                        hoard(io, hoard);
                        try {
                            io.close(io.accept(fd));
                        } catch (IOException e) {
                            refusal[0] = e.getMessage();
                        }
                    });
            release(io, hoard);
            System.out.println("named on " + provider.name() + " after " + refusal[0]);
        }
    }

    private static void fail(Descriptors io) throws IOException {
        int taken = io.openListener(EachBackend.loopbackFamily());
        io.listen(taken, EachBackend.anyPort(), 5);
        int other = io.openListener(EachBackend.loopbackFamily());
        try {
            io.listen(other, io.localAddress(taken), 5);
            throw new IllegalStateException("two listeners on one address");
        } catch (IOException e) {
            io.close(other);
            io.close(taken);
        }
    }

    private static void spin(Uloop loop, CapturedLog log, EventHandler handler) throws IOException {
        Descriptors io = loop.descriptors();
        int before = log.messages().size();
        int listener = io.openListener(EachBackend.loopbackFamily());
        io.listen(listener, EachBackend.anyPort(), 5);
        loop.add(listener, UEvent.IN, handler);
        try (TcpChannel client = TcpChannel.connect(loop, io.localAddress(listener))) {
            long start = System.nanoTime();
            while (log.messages().size() == before) {
                if (System.nanoTime() - start > DEADLINE_NANOS) {
                    throw new IllegalStateException("no warning although " + client + " spins");
                }
                loop.runOnce(-1);
            }
        }
        String message = log.messages().get(before);
        if (!message.contains("fd=" + listener + " ")) {
            throw new IllegalStateException(message);
        }
        loop.remove(listener);
        io.close(listener);
    }

    /** Opens as many descriptors as possible. */
    private static void hoard(Descriptors io, List<Integer> hoard) {
        try {
            while (true) {
                hoard.add(io.openStream(StandardProtocolFamily.INET));
            }
        } catch (IOException e) {
            // EMFILE, as intended.
        }
    }

    private static void release(Descriptors io, List<Integer> hoard) throws IOException {
        for (int fd : hoard) {
            io.close(fd);
        }
        hoard.clear();
    }
}
