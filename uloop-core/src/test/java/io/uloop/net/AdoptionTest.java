package io.uloop.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.uloop.EachBackend;
import io.uloop.Uloop;
import io.uloop.poller.Descriptors;
import io.uloop.poller.NativeDescriptors;
import io.uloop.poller.PollerException;
import io.uloop.poller.UEvent;
import io.uloop.poller.tck.ChildJava;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Channels that take over descriptors, and give them back. */
class AdoptionTest extends EachBackend {
    /** An {@code adopt} method. */
    private interface Adopt {
        LoopChannel adopt(Uloop loop, int fd) throws IOException;
    }

    private static final Map<Class<?>, Adopt> METHODS =
            Map.of(
                    TcpChannel.class, TcpChannel::adopt,
                    TcpListener.class, TcpListener::adopt,
                    UdpChannel.class, UdpChannel::adopt,
                    UnixChannel.class, UnixChannel::adopt,
                    UnixListener.class, UnixListener::adopt,
                    UnixDatagramChannel.class, UnixDatagramChannel::adopt,
                    PipeChannel.class, PipeChannel::adopt);

    private NativeDescriptors nativeIo() {
        assumeTrue(io instanceof NativeDescriptors, "needs system calls");
        return (NativeDescriptors) io;
    }

    /** Opens a descriptor for each kind of channel. */
    private Map<Class<?>, Integer> one() throws IOException {
        Map<Class<?>, Integer> one = new LinkedHashMap<>();
        one.put(TcpChannel.class, track(io.openStream(StandardProtocolFamily.INET)));
        one.put(TcpListener.class, listener());
        one.put(UdpChannel.class, boundDatagram());
        one.put(UnixChannel.class, track(io.openStream(StandardProtocolFamily.UNIX)));
        int unix = track(io.openListener(StandardProtocolFamily.UNIX));
        io.listen(unix, UnixDomainSocketAddress.of(directory().resolve("listener")), 1);
        one.put(UnixListener.class, unix);
        if (io instanceof NativeDescriptors) {
            int packets = track(io.openDatagram(StandardProtocolFamily.UNIX));
            one.put(UnixDatagramChannel.class, packets);
        }
        one.put(PipeChannel.class, pipe().readEnd());
        return one;
    }

    /** Its close would block the loop. */
    @Test
    void socketThatLingersIsRefused() throws IOException {
        try (SocketChannel other = SocketChannel.open()) {
            other.setOption(StandardSocketOptions.SO_LINGER, 3);
            other.configureBlocking(false);
            int fd = io.fileno(other);
            assertThatThrownBy(() -> TcpChannel.adopt(loop, fd))
                    .isInstanceOf(PollerException.class)
                    .hasMessageContaining("adopt(TcpChannel, fd=" + fd + "): EINVAL")
                    .hasMessageContaining("SO_LINGER is 3 s");
            assertThat(other.isOpen()).isTrue();
            other.setOption(StandardSocketOptions.SO_LINGER, 0);
            assertThat(TcpChannel.adopt(loop, fd).detach()).isEqualTo(fd);
        }
    }

    @Test
    void eachChannelAdoptsItsKindAndRefusesTheOthers() throws IOException {
        Map<Class<?>, Integer> descriptors = one();
        for (Map.Entry<Class<?>, Adopt> method : METHODS.entrySet()) {
            for (Map.Entry<Class<?>, Integer> each : descriptors.entrySet()) {
                int fd = each.getValue();
                if (each.getKey() == method.getKey()) {
                    LoopChannel channel = method.getValue().adopt(loop, fd);
                    assertThat(channel.fd()).isEqualTo(fd);
                    assertThat(channel).isInstanceOf(method.getKey());
                    assertThat(channel.detach()).isEqualTo(fd);
                } else {
                    assertThatThrownBy(() -> method.getValue().adopt(loop, fd))
                            .isInstanceOf(IOException.class)
                            .hasMessageContaining(
                                    "adopt(%s, fd=%d)", method.getKey().getSimpleName(), fd)
                            .hasMessageContaining("the descriptor is a")
                            .hasMessageContaining("is needed; it stays open and unchanged");
                }
            }
        }
        // All are still open, because the end of the test closes them by number.
    }

    @Test
    void messageNamesWhatTheDescriptorIsAndWhatIsNeeded() throws IOException {
        int pipe = pipe().readEnd();
        assertThatThrownBy(() -> TcpListener.adopt(loop, pipe))
                .hasMessage(
                        "adopt(TcpListener, fd="
                                + pipe
                                + "): ENOTSOCK: the descriptor is a pipe, but a listening TCP socket"
                                + " is needed; it stays open and unchanged");
        int listener = listener();
        assertThatThrownBy(() -> TcpChannel.adopt(loop, listener))
                .hasMessageContaining(
                        "EINVAL: the descriptor is a listening INET stream socket, but a TCP"
                                + " connection is needed");
        assertThatThrownBy(() -> PipeChannel.adopt(loop, listener)).hasMessageContaining("EINVAL");
    }

    @Test
    void closedDescriptorIsEbadf() throws IOException {
        int fd = highPipe().readEnd();
        close(fd);
        METHODS.forEach(
                (type, method) ->
                        assertThatThrownBy(() -> method.adopt(loop, fd))
                                .hasMessageContaining("EBADF"));
    }

    @Test
    void adoptedListenerAcceptsAndAdoptedConnectionCarriesBytes() throws IOException {
        int fd = listener();
        forget(fd);
        TcpListener listener = closing(TcpListener.adopt(loop, fd));
        int client = track(io.openStream(StandardProtocolFamily.INET));
        io.connect(client, address(fd));
        forget(client);
        TcpChannel channel = closing(TcpChannel.adopt(loop, client));
        TcpChannel server = accept(listener);
        runUntil(channel::finishConnect);
        channel.write(bytes("hello"));
        ByteBuffer target = ByteBuffer.allocate(8);
        runUntil(() -> server.read(target) > 0);
        assertThat(text(target)).isEqualTo("hello");
        assertThat(channel.getRemoteAddress()).isEqualTo(listener.getLocalAddress());
    }

    @Test
    void adoptedUdpChannelKnowsItsPeer() throws IOException {
        int fd = datagram();
        int peer = boundDatagram();
        io.connect(fd, address(peer));
        forget(fd);
        UdpChannel channel = closing(UdpChannel.adopt(loop, fd));
        assertThat(channel.write(bytes("hello"))).isEqualTo(5);
        ByteBuffer target = ByteBuffer.allocate(8);
        runUntil(() -> io.receive(peer, target) != null);
        assertThat(text(target)).isEqualTo("hello");
    }

    @Test
    void detachDeregistersAndLeavesTheDescriptorOpen() throws IOException {
        int fd = boundDatagram();
        UdpChannel channel = UdpChannel.adopt(loop, fd);
        channel.register(UEvent.IN, (ready, events) -> {});
        assertThat(channel.detach()).isEqualTo(fd);
        assertThat(loop.toString()).contains("descriptors=0");
        assertThat(channel.isOpen()).isFalse();
        assertThat(channel.fd()).isEqualTo(Descriptors.NONE);
        channel.close();
        assertThatThrownBy(channel::detach).isInstanceOf(ClosedChannelException.class);
        assertThat(address(fd)).isNotNull();
        UdpChannel again = UdpChannel.adopt(loop, fd);
        again.register(UEvent.IN, (ready, events) -> {});
        again.detach();
    }

    @Test
    void detachedListenerStopsAcceptingAndItsConnectionsStopCounting() throws IOException {
        TcpListener listener = TcpListener.open(loop, anyPort());
        listener.refuseWhenFull(true);
        List<TcpChannel> accepted = new ArrayList<>();
        listener.register(accepted::add);
        InetSocketAddress address = (InetSocketAddress) listener.getLocalAddress();
        closing(TcpChannel.connect(loop, address));
        runUntil(() -> !accepted.isEmpty());
        assertThat(listener.connections()).isEqualTo(1);
        int fd = track(accepted.get(0).detach());
        assertThat(listener.connections()).isZero();
        int number = track(listener.detach());
        closing(TcpChannel.connect(loop, address));
        loop.runOnce(0);
        assertThat(accepted).hasSize(1);
        assertThat(io.kind(fd)).isEqualTo(io.kind(accept(number)));
    }

    @Test
    void blockingDescriptorBecomesNonBlockingAndCloseOnExec() throws IOException {
        NativeDescriptors all = nativeIo();
        Descriptors.Pipe pipe = pipe();
        for (int fd : new int[] {pipe.readEnd(), pipe.writeEnd()}) {
            all.setBlocking(fd, true);
            all.setCloseOnExec(fd, false);
        }
        assertThatThrownBy(() -> UdpChannel.adopt(loop, pipe.readEnd()))
                .hasMessageContaining("ENOTSOCK");
        assertThat(all.isBlocking(pipe.readEnd())).isTrue();
        PipeChannel source = PipeChannel.adopt(loop, pipe.readEnd());
        PipeChannel sink = PipeChannel.adopt(loop, pipe.writeEnd());
        assertThat(source.read(ByteBuffer.allocate(1))).isZero();
        source.restoreBlockingAtEnd();
        assertThat(all.isBlocking(source.fd())).isFalse();
        assertThat(all.isBlocking(source.detach())).isTrue();
        assertThat(all.isBlocking(sink.detach())).isFalse();
    }

    @Test
    void closeRestoresTheModeOfTheOpenFile() throws IOException {
        NativeDescriptors all = nativeIo();
        int fd = pipe().readEnd();
        all.setBlocking(fd, true);
        int copy = all.dup(fd);
        PipeChannel channel = PipeChannel.adopt(loop, copy);
        channel.restoreBlockingAtEnd();
        assertThat(all.isBlocking(fd)).isFalse();
        channel.close();
        assertThat(all.isBlocking(fd)).isTrue();
        assertThatThrownBy(channel::restoreBlockingAtEnd)
                .isInstanceOf(ClosedChannelException.class);
    }

    @Test
    void exitOfTheJvmRestoresTheMode() throws Exception {
        assumeTrue(io instanceof NativeDescriptors, "needs system calls");
        assumeTrue(Files.exists(Path.of("/proc/self/fdinfo/1")), "needs /proc");
        String printed =
                ChildJava.of(OutputProgram.class, provider.name())
                        .launcher("sh", "-c", "\"$@\" && cat /proc/self/fdinfo/1", "shell")
                        .run();
        assertThat(printed).contains("non-blocking");
        int flags =
                printed.lines()
                        .filter(line -> line.startsWith("flags:"))
                        .mapToInt(line -> Integer.parseInt(line.replaceAll("\\D", ""), 8))
                        .findFirst()
                        .orElseThrow();
        assertThat(flags & 0x800).isZero(); // O_NONBLOCK of Linux
    }

    @Test
    void passedDescriptorIsAdopted() throws IOException {
        nativeIo();
        UnixChannel.Pair ends = UnixChannel.pair(loop);
        closing(ends.first());
        closing(ends.second());
        try (TcpListener listener = TcpListener.open(loop, anyPort())) {
            ends.first().sendDescriptors(bytes("x"), listener.fd());
        }
        int[] passed = new int[1];
        assertThat(ends.second().receiveDescriptors(ByteBuffer.allocate(1), passed)).isEqualTo(1);
        TcpListener listener = closing(TcpListener.adopt(loop, passed[0]));
        TcpChannel client = closing(TcpChannel.connect(loop, listener.getLocalAddress()));
        assertThat(accept(listener).getRemoteAddress()).isEqualTo(client.getLocalAddress());
    }
}
