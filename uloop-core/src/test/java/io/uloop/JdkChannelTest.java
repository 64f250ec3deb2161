package io.uloop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.uloop.poller.Pollers;
import io.uloop.poller.UEvent;
import io.uloop.poller.tck.ChildJava;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.IllegalBlockingModeException;
import java.nio.channels.Pipe;
import java.nio.channels.SelectableChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tests JDK channels on a loop. */
class JdkChannelTest extends EachBackend {
    private static final String OPTION = "--add-exports java.base/sun.nio.ch=ALL-UNNAMED";

    private <C extends SelectableChannel> C nonBlocking(C channel) throws IOException {
        closing(channel).configureBlocking(false);
        return channel;
    }

    private void read(SocketChannel connection, int fd, StringBuilder received) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(64);
        if (connection.read(bytes) < 0) {
            loop.remove(fd);
            connection.close();
            received.append(", closed");
        } else {
            received.append(text(bytes));
        }
    }

    @Test
    void serverAndClientExchangeData() throws IOException {
        ServerSocketChannel server = nonBlocking(ServerSocketChannel.open().bind(anyPort()));
        StringBuilder received = new StringBuilder();
        EventHandler acceptor =
                (listener, events) -> {
                    SocketChannel connection = nonBlocking(server.accept());
                    loop.add(connection, UEvent.IN, (fd, ready) -> read(connection, fd, received));
                };
        Registration listening = loop.add(server, UEvent.IN, acceptor);
        SocketChannel client = nonBlocking(SocketChannel.open());
        client.connect(server.getLocalAddress());
        Registration connecting =
                loop.add(
                        client,
                        UEvent.OUT,
                        (fd, events) -> {
                            assertThat(client.finishConnect()).isTrue();
                            client.write(bytes("hello"));
                            loop.modify(fd, UEvent.NONE);
                        });
        runUntil(() -> received.toString().equals("hello"));
        connecting.close();
        client.close();
        runUntil(() -> received.toString().equals("hello, closed"));
        listening.close();
        assertThat(loop.toString()).contains("descriptors=0");
    }

    @Test
    void datagramChannelsAndPipesAreReady() throws IOException {
        DatagramChannel datagrams = nonBlocking(DatagramChannel.open().bind(anyPort()));
        Pipe pipe = Pipe.open();
        closing(pipe.sink());
        int[] calls = new int[2];
        Registration first = loop.add(datagrams, UEvent.IN, (fd, events) -> calls[0]++);
        Registration second =
                loop.add(nonBlocking(pipe.source()), UEvent.IN, (fd, events) -> calls[1]++);
        assertThat(loop.runOnce(0)).isZero();
        datagrams.send(bytes("x"), datagrams.getLocalAddress());
        runUntil(() -> calls[0] > 0);
        assertThat(calls[1]).isZero();
        pipe.sink().write(bytes("x"));
        runUntil(() -> calls[1] > 0);
        first.close();
        second.close();
        assertThat(loop.toString()).contains("descriptors=0");
    }

    @Test
    void blockingOrClosedChannelIsRejected() throws IOException {
        SocketChannel blocking = closing(SocketChannel.open());
        assertThatThrownBy(() -> loop.add(blocking, UEvent.IN, (fd, events) -> {}))
                .isInstanceOf(IllegalBlockingModeException.class);
        SocketChannel closed = nonBlocking(SocketChannel.open());
        closed.close();
        assertThatThrownBy(() -> loop.add(closed, UEvent.IN, (fd, events) -> {}))
                .hasMessageContaining("EBADF");
        assertThat(loop.toString()).contains("descriptors=0");
    }

    @Test
    void errorNamesTheOptionIfTheJvmHidesDescriptors() throws Exception {
        boolean pureNio = provider.name().equals("select");
        assertThat(program()).isEqualTo(pureNio ? "added" : "start it with " + OPTION);
        assertThat(program(OPTION.split(" ", -1))).isEqualTo("added");
    }

    private String program(String... options) throws Exception {
        ChildJava program = ChildJava.of(Adding.class, provider.name()).options(options);
        List<String> said = program.run().lines().toList();
        return said.get(said.size() - 1);
    }

    /** Registers a JDK channel. */
    static final class Adding {
        private Adding() {}

        public static void main(String[] arguments) throws IOException {
            try (Uloop loop = Uloop.builder().poller(Pollers.provider(arguments[0])).build();
                    SocketChannel channel = SocketChannel.open()) {
                channel.configureBlocking(false);
                try {
                    loop.add(channel, UEvent.IN, (fd, events) -> {});
                    System.out.println("added");
                } catch (UnsupportedOperationException e) {
                    String message = e.getMessage();
                    System.out.println(message.substring(message.indexOf("start it")));
                }
            }
        }
    }
}
