package io.uloop.cookbook;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.uloop.connection.Connection;
import io.uloop.connection.ConnectionOptions;
import io.uloop.net.TcpListener;
import io.uloop.test.LoopScene;
import io.uloop.test.UloopExtension;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.concurrent.Flow.Subscriber;
import java.util.concurrent.Flow.Subscription;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(UloopExtension.class)
class ConnectionPublisherTest {
    private final Recorder recorder = new Recorder();

    /** Records what it gets. Requests only when a test does. */
    private static final class Recorder implements Subscriber<ByteBuffer> {
        final StringBuilder received = new StringBuilder();
        Subscription subscription;
        Throwable failure;
        int items;
        int ends;

        @Override
        public void onSubscribe(Subscription given) {
            subscription = given;
        }

        @Override
        public void onNext(ByteBuffer item) {
            items++;
            received.append(US_ASCII.decode(item));
        }

        @Override
        public void onError(Throwable thrown) {
            failure = thrown;
        }

        @Override
        public void onComplete() {
            ends++;
        }
    }

    /** Connects a client to a publisher of which the recorder is the subscriber. */
    private Socket connect(LoopScene scene) throws Exception {
        InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        try (TcpListener listener = TcpListener.open(scene.loop(), any)) {
            listener.register(
                    Connection.acceptor(ConnectionOptions.DEFAULTS, this::subscribedPublisher));
            InetSocketAddress address = (InetSocketAddress) listener.getLocalAddress();
            Socket client = new Socket(address.getAddress(), address.getPort());
            scene.runUntil("subscribed", () -> recorder.subscription != null);
            return client;
        }
    }

    private ConnectionPublisher subscribedPublisher() {
        ConnectionPublisher publisher = new ConnectionPublisher();
        publisher.subscribe(recorder);
        return publisher;
    }

    private static void send(Socket client, String text) throws IOException {
        client.getOutputStream().write(text.getBytes(US_ASCII));
    }

    @Test
    void nothingIsReadWithoutARequest(LoopScene scene) throws Exception {
        try (Socket client = connect(scene)) {
            send(client, "one");
            scene.loop().runOnce(0);
            assertThat(recorder.items).isZero();
            recorder.subscription.request(1);
            scene.runUntil("one item", () -> recorder.items == 1);
            send(client, "two");
            scene.loop().runOnce(0);
            assertThat(recorder.received).hasToString("one");
            recorder.subscription.request(Long.MAX_VALUE);
            recorder.subscription.request(Long.MAX_VALUE);
            scene.runUntil("the rest", () -> recorder.received.length() == 6);
            client.shutdownOutput();
            scene.runUntil("the end", () -> recorder.ends == 1);
            assertThat(recorder.failure).isNull();
        }
    }

    @Test
    void invalidRequestEndsTheConnection(LoopScene scene) throws Exception {
        try (Socket client = connect(scene)) {
            assertThat(client.isConnected()).isTrue();
            recorder.subscription.request(0);
            scene.runUntil("the failure", () -> recorder.failure != null);
            assertThat(recorder.failure).isInstanceOf(IllegalArgumentException.class);
            assertThat(recorder.ends).isZero();
        }
    }

    @Test
    void nothingIsCalledAfterACancel(LoopScene scene) throws Exception {
        try (Socket client = connect(scene)) {
            recorder.subscription.request(5);
            recorder.subscription.cancel();
            send(client, "late");
            scene.runUntil("the end", () -> scene.loop().metrics().connections() == 0);
            assertThat(recorder.items).isZero();
            assertThat(recorder.ends).isZero();
            assertThat(recorder.failure).isNull();
        }
    }

    @Test
    void resetIsAFailure(LoopScene scene) throws Exception {
        try (Socket client = connect(scene)) {
            recorder.subscription.request(5);
            client.setSoLinger(true, 0);
        }
        scene.runUntil("the failure", () -> recorder.failure != null);
        assertThat(recorder.failure).hasMessageContaining("ECONNRESET");
    }
}
