package io.uloop.examples;

import io.uloop.Uloop;
import io.uloop.fiber.FiberListener;
import io.uloop.fiber.FiberSocket;
import io.uloop.fiber.Fibers;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeoutException;

/** Sends what one client says to all others. Try it: {@code nc 127.0.0.1 7001}, twice. */
final class FiberChat {
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private final Fibers fibers;
    private final Set<FiberSocket> members = ConcurrentHashMap.newKeySet(); // safe in each mode

    private FiberChat(Fibers fibers) {
        this.fibers = fibers;
    }

    public static void main(String[] arguments) throws IOException {
        InetSocketAddress local =
                new InetSocketAddress("localhost", Integer.getInteger("port", 7001));
        try (Uloop loop = Uloop.open()) {
            FiberChat chat = new FiberChat(Fibers.on(loop));
            FiberListener listener = FiberListener.open(chat.fibers, local);
            System.out.println("listening on " + listener.getLocalAddress());
            chat.fibers.start("listener", () -> chat.serve(listener));
            chat.fibers.run();
        }
    }

    private void serve(FiberListener listener) throws Exception {
        for (int visitor = 1; ; visitor++) {
            FiberSocket member = listener.accept();
            members.add(member);
            tell(member, text("* visitor " + visitor + " joined\n"));
            fibers.start("visitor " + visitor, () -> chat(member));
        }
    }

    private void chat(FiberSocket member) throws Exception {
        try (member) {
            ByteBuffer message = ByteBuffer.allocateDirect(8192);
            while (member.read(message.clear()) >= 0) {
                tell(member, message.flip());
            }
        } catch (IOException e) {
            // Reset by the visitor, or closed because the visitor does not read.
        } finally {
            members.remove(member);
            tell(member, text("* a visitor left\n"));
        }
    }

    private void tell(FiberSocket speaker, ByteBuffer message) throws Exception {
        for (FiberSocket member : members) {
            if (member != speaker) {
                try {
                    fibers.callWithin(PATIENCE, () -> member.write(message.duplicate()));
                } catch (IOException | TimeoutException e) {
                    member.close(); // ends the member's fiber
                }
            }
        }
    }

    private static ByteBuffer text(String line) {
        return ByteBuffer.wrap(line.getBytes(StandardCharsets.UTF_8));
    }
}
