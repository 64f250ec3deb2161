package io.uloop.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.uloop.EachBackend;
import io.uloop.poller.Descriptors;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.UnsupportedAddressTypeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnixChannelTest extends EachBackend {
    @TempDir private Path directory;

    private UnixDomainSocketAddress address() {
        return UnixDomainSocketAddress.of(directory.resolve("socket"));
    }

    @Test
    void manyClientsAreAnswered() throws IOException {
        UnixListener listener = closing(UnixListener.open(loop, address()));
        listener.register(
                server -> {
                    closing(server);
                    server.register(
                            UEvent.IN,
                            (fd, events) -> {
                                ByteBuffer bytes = ByteBuffer.allocate(64);
                                if (server.read(bytes) < 0) {
                                    server.close();
                                } else {
                                    server.write(bytes.flip());
                                }
                            });
                });
        List<String> answers = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            UnixChannel client = closing(UnixChannel.connect(loop, address()));
            assertThat(client.finishConnect()).isTrue();
            assertThat(client.getRemoteAddress()).isEqualTo(address());
            assertThat(client.getLocalAddress()).isNull();
            client.write(bytes("hello " + i));
            client.register(
                    UEvent.IN,
                    (fd, events) -> {
                        ByteBuffer answer = ByteBuffer.allocate(64);
                        client.read(answer);
                        answers.add(text(answer));
                        client.close();
                    });
        }
        runUntil(() -> answers.size() == 100 && listener.connections() == 0);
        assertThat(answers).contains("hello 0", "hello 99").doesNotHaveDuplicates();
    }

    @Test
    void fileBlocksTheNextBindUntilDeleted() throws IOException {
        UnixListener listener = closing(UnixListener.open(loop, address(), 3));
        listener.close();
        assertThat(address().getPath()).exists();
        assertThatThrownBy(() -> UnixListener.open(loop, address()))
                .hasMessageContaining("EADDRINUSE");
        assertThatThrownBy(() -> UnixChannel.connect(loop, address()))
                .hasMessageContaining("ECONNREFUSED");
        Files.delete(address().getPath());
        assertThatThrownBy(() -> UnixChannel.connect(loop, address()))
                .hasMessageContaining("ENOENT");
        closing(UnixListener.open(loop, address()));
    }

    @Test
    void fullBacklogFailsWithEagainUntilAccepted() throws IOException {
        UnixListener listener = closing(UnixListener.open(loop, address(), 2));
        List<UnixChannel> clients = new ArrayList<>();
        for (int tries = 0; tries < 100; tries++) {
            try {
                clients.add(closing(UnixChannel.connect(loop, address())));
            } catch (IOException e) {
                assertThat(e).hasMessageContaining("EAGAIN");
                break;
            }
        }
        assertThat(clients).hasSizeLessThan(100);
        listener.register((AcceptHandler<UnixChannel>) this::closing);
        runUntil(() -> listener.connections() == clients.size());
        closing(UnixChannel.connect(loop, address()));
        runUntil(() -> listener.connections() == clients.size() + 1);
    }

    @Test
    void oneHandlerServesEveryKindOfListener() throws IOException {
        List<StreamChannel> accepted = new ArrayList<>();
        AcceptHandler<StreamChannel> handler = channel -> accepted.add(closing(channel));
        UnixListener unix = closing(UnixListener.open(loop, address()));
        TcpListener tcp = closing(TcpListener.open(loop, anyPort()));
        unix.register(handler);
        tcp.register(handler);
        closing(UnixChannel.connect(loop, address()));
        closing(TcpChannel.connect(loop, tcp.getLocalAddress()));
        runUntil(() -> accepted.size() == 2);
        assertThat(accepted).hasAtLeastOneElementOfType(UnixChannel.class);
        assertThat(accepted).hasAtLeastOneElementOfType(TcpChannel.class);
    }

    @Test
    void wrongAddressTypesAreRejectedWithoutLeak() {
        assertThatThrownBy(() -> UnixChannel.connect(loop, anyPort()))
                .isInstanceOf(UnsupportedAddressTypeException.class);
        assertThatThrownBy(() -> UnixListener.open(loop, anyPort()))
                .isInstanceOf(UnsupportedAddressTypeException.class);
        UnixDomainSocketAddress tooLong =
                UnixDomainSocketAddress.of(directory.resolve("x".repeat(108)));
        assertThatThrownBy(() -> UnixListener.open(loop, tooLong))
                .hasMessageContaining("ENAMETOOLONG");
    }

    @Test
    void descriptorsArePassedWithBytes() throws IOException {
        if (provider.name().equals("select")) {
            assertThatThrownBy(() -> UnixChannel.pair(loop))
                    .isInstanceOf(UnsupportedOperationException.class);
            return;
        }
        UnixChannel.Pair ends = UnixChannel.pair(loop);
        closing(ends.first());
        closing(ends.second());
        PipeChannel.Ends pipe = PipeChannel.open(loop);
        closing(pipe.source());
        assertThat(ends.first().sendDescriptors(bytes("pipe"), pipe.sink().fd())).isEqualTo(4);
        pipe.sink().close();
        int[] passed = new int[2];
        ByteBuffer target = ByteBuffer.allocate(8);
        assertThat(ends.second().receiveDescriptors(target, passed)).isEqualTo(4);
        assertThat(passed[1]).isEqualTo(Descriptors.NONE);
        try (PipeChannel sink = PipeChannel.adopt(loop, passed[0])) {
            sink.write(bytes("through"));
        }
        ByteBuffer through = ByteBuffer.allocate(8);
        pipe.source().read(through);
        assertThat(text(target) + ' ' + text(through)).isEqualTo("pipe through");
        assertThat(pipe.source().read(through.clear())).isEqualTo(-1);
    }
}
