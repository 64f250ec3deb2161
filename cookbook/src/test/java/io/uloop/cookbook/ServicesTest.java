package io.uloop.cookbook;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.uloop.connection.Connection;
import io.uloop.connection.ConnectionHandler;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.channels.UnresolvedAddressException;
import org.junit.jupiter.api.Test;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;

/** Runs both services in a container, here the one of Spring. */
class ServicesTest {
    private static final InetSocketAddress ANY =
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    private static final class Echo implements ConnectionHandler {
        @Override
        public void received(Connection connection, ByteBuffer data) {
            connection.write(data);
        }
    }

    private static void assertEchoes(SocketAddress address) throws IOException {
        try (SocketChannel client = SocketChannel.open(address)) {
            client.write(ByteBuffer.wrap("ping".getBytes(US_ASCII)));
            client.shutdownOutput();
            byte[] answer = client.socket().getInputStream().readAllBytes();
            assertThat(answer).isEqualTo("ping".getBytes(US_ASCII));
        }
    }

    @Test
    void springServiceFollowsItsContext() throws IOException {
        SocketAddress address;
        SpringService service;
        try (var context = new AnnotationConfigApplicationContext()) {
            context.registerBean(SpringService.class, () -> new SpringService(ANY, Echo::new));
            context.refresh();
            service = context.getBean(SpringService.class);
            address = service.localAddress();
            assertThat(service.isRunning()).isTrue();
            assertEchoes(address);
        }
        assertThat(service.isRunning()).isFalse();
        assertThatThrownBy(() -> SocketChannel.open(address)).isInstanceOf(ConnectException.class);
    }

    @Test
    void addressInUseEndsTheStartOfTheContext() throws IOException {
        try (var taken = java.nio.channels.ServerSocketChannel.open().bind(ANY);
                var context = new AnnotationConfigApplicationContext()) {
            InetSocketAddress address = (InetSocketAddress) taken.getLocalAddress();
            context.registerBean(SpringService.class, () -> new SpringService(address, Echo::new));
            assertThatThrownBy(context::refresh).hasStackTraceContaining("EADDRINUSE");
        }
    }

    @Test
    void startThatFailsLeavesNoLoopRunning() {
        var unresolved = InetSocketAddress.createUnresolved("no.such.invalid", 7000);
        SpringService service = new SpringService(unresolved, Echo::new);
        assertThatThrownBy(service::start).isInstanceOf(UnresolvedAddressException.class);
        assertThat(service.isRunning()).isFalse();
        assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .noneMatch(name -> name.startsWith("service-"));
    }

    @Test
    void managedServiceFollowsItsContainer() throws IOException {
        SocketAddress address;
        try (var container = new AnnotationConfigApplicationContext()) {
            container.registerBean(ManagedService.class, () -> new ManagedService(ANY, Echo::new));
            container.refresh();
            address = container.getBean(ManagedService.class).localAddress();
            assertEchoes(address);
        }
        assertThatThrownBy(() -> SocketChannel.open(address)).isInstanceOf(ConnectException.class);
    }
}
