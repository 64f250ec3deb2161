package io.uloop.test.example;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.uloop.EventHandler;
import io.uloop.Registration;
import io.uloop.Timer;
import io.uloop.Uloop;
import io.uloop.poller.UEvent;
import io.uloop.poller.tck.Scene.Tcp;
import io.uloop.test.EachBackend;
import io.uloop.test.FakeClock;
import io.uloop.test.LoopScene;
import io.uloop.test.UloopExtension;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The example of docs/testing.md. */
@ExtendWith(UloopExtension.class)
class EchoHandlerTest {
    @EachBackend
    void sendsBackWhatItReads(Uloop loop, LoopScene scene) throws Exception {
        Tcp tcp = scene.tcp();
        new EchoHandler(loop, tcp.fd());
        Socket peer = tcp.peer();
        peer.getOutputStream().write("hello".getBytes(UTF_8));
        scene.runUntil("the echo arrives", () -> peer.getInputStream().available() == 5);
        assertThat(peer.getInputStream().readNBytes(5)).asString(UTF_8).isEqualTo("hello");
    }

    @Test
    void closesASilentConnectionAfterAMinute(Uloop loop, LoopScene scene, FakeClock clock)
            throws Exception {
        Tcp tcp = scene.tcp();
        new EchoHandler(loop, tcp.fd());
        clock.advance(Duration.ofSeconds(59));
        assertThat(loop.metrics().descriptors()).isEqualTo(1);
        clock.advance(Duration.ofSeconds(1));
        assertThat(tcp.peer().getInputStream().read()).isEqualTo(-1);
    }

    /** Owns a socket, sends back what it reads, and closes the socket after a silent minute. */
    private static final class EchoHandler implements EventHandler {
        private final Uloop loop;
        private final Registration registration;
        private final Timer minutes;
        private final ByteBuffer buffer = ByteBuffer.allocate(1024);
        private boolean silent = true;

        EchoHandler(Uloop loop, int fd) throws IOException {
            this.loop = loop;
            registration = loop.add(fd, UEvent.IN, this);
            minutes = loop.callEvery(Duration.ofMinutes(1), this::closeIfSilent);
        }

        @Override
        public void processEvent(int fd, int events) throws IOException {
            silent = false;
            if (loop.descriptors().read(fd, buffer.clear()) > 0) {
                loop.descriptors().write(fd, buffer.flip());
            }
        }

        private void closeIfSilent() throws IOException {
            if (silent) {
                minutes.close();
                registration.close();
                loop.descriptors().close(registration.fd());
            }
            silent = true;
        }
    }
}
