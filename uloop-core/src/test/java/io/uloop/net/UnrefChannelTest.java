package io.uloop.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.uloop.EachBackend;
import io.uloop.EventHandler;
import io.uloop.Uloop;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests channels that do not keep an idle run waiting. */
class UnrefChannelTest extends EachBackend {
    private static final EventHandler NOTHING = (fd, events) -> {};

    @TempDir private Path directory;

    private boolean isNative() {
        return !provider.name().equals("select");
    }

    /** Opens one channel of each kind. None has anything to read. */
    private List<LoopChannel> eachKind() throws IOException {
        List<LoopChannel> kinds = new ArrayList<>();
        kinds.add(TcpListener.open(loop, anyPort()));
        kinds.add(connection()[0]);
        kinds.add(UdpChannel.open(loop, anyPort()));
        kinds.add(UnixListener.open(loop, UnixDomainSocketAddress.of(directory.resolve("socket"))));
        PipeChannel.Ends pipe = PipeChannel.open(loop);
        closing(pipe.sink());
        kinds.add(pipe.source());
        if (isNative()) {
            UnixChannel.Pair pair = UnixChannel.pair(loop);
            closing(pair.second());
            kinds.add(pair.first());
            kinds.add(UnixDatagramChannel.open(loop));
        }
        kinds.forEach(this::closing);
        return kinds;
    }

    @Test
    void noKindOfChannelKeepsARunWaitingAfterUnref() throws IOException {
        for (LoopChannel channel : eachKind()) {
            assertThat(channel.hasRef()).isTrue();
            channel.register(UEvent.IN, NOTHING);
            channel.unref();
            loop.runUntilIdle();
            assertThat(channel.hasRef()).isFalse();
            channel.modify(UEvent.NONE);
            channel.modify(UEvent.IN);
            loop.runUntilIdle();
            channel.unregister();
            channel.register(UEvent.IN, NOTHING);
            loop.runUntilIdle();
        }
        assertThat(loop.metrics().descriptors()).isEqualTo(isNative() ? 7 : 5);
    }

    @Test
    void refKeepsTheRunWaitingAgain() throws IOException {
        for (LoopChannel channel : eachKind()) {
            channel.unref();
            channel.unref();
            channel.register(UEvent.IN, NOTHING);
            loop.runUntilIdle();
            channel.ref();
            channel.ref();
            assertThat(channel.hasRef()).isTrue();
            boolean[] stopped = new boolean[1];
            loop.callLater(
                    Duration.ZERO,
                    () -> {
                        stopped[0] = true;
                        loop.callSoon(channel::unref);
                    });
            loop.runUntilIdle();
            assertThat(stopped[0]).isTrue();
        }
    }

    @Test
    void eventsOfAnUnreferencedChannelAreHandledDuringARun() throws IOException {
        UdpChannel channel = closing(UdpChannel.open(loop, anyPort()));
        UdpChannel sender = closing(UdpChannel.open(loop, anyPort()));
        List<Integer> calls = new ArrayList<>();
        channel.register(
                UEvent.IN,
                (fd, events) -> {
                    calls.add(events);
                    channel.ref();
                    channel.unregister();
                });
        channel.unref();
        sender.register(
                UEvent.OUT,
                (fd, events) -> {
                    sender.send(bytes("x"), channel.getLocalAddress());
                    sender.modify(UEvent.NONE);
                    channel.ref();
                    sender.unref();
                });
        loop.runUntilIdle();
        assertThat(calls).hasSize(1);
    }

    @Test
    void numberOfAClosedChannelCountsAgain() throws IOException {
        for (boolean registered : new boolean[] {true, false}) {
            UdpChannel channel = UdpChannel.open(loop, anyPort());
            int fd = channel.fd();
            channel.unref();
            if (registered) {
                channel.register(UEvent.IN, NOTHING);
            }
            channel.close();
            assertThat(channel.hasRef()).isFalse();
            assertThat(channel).hasToString("UdpChannel[fd=" + fd + ", closed]");
            channel.ref();
            channel.unref();
            UdpChannel next = UdpChannel.open(loop, anyPort());
            next.register(UEvent.IN, (ready, events) -> next.close());
            assertThat(next.hasRef()).isTrue();
            next.send(bytes("x"), next.getLocalAddress());
            loop.runUntilIdle();
            assertThat(next.isOpen()).as("the run has waited for the datagram").isFalse();
        }
    }

    @Test
    void detachedDescriptorHasItsPlainNumber() throws IOException {
        PipeChannel.Ends pipe = PipeChannel.open(loop);
        closing(pipe.sink());
        int fd = pipe.source().fd();
        pipe.source().unref();
        assertThat(pipe.source().fd()).isEqualTo(fd);
        assertThat(pipe.source().detach()).isEqualTo(fd);
        io.close(fd);
    }

    @Test
    void acceptedChannelsHaveTheirOwnReference() throws IOException {
        TcpListener listener = closing(TcpListener.open(loop, anyPort()));
        listener.unref();
        TcpChannel client = closing(TcpChannel.connect(loop, listener.getLocalAddress()));
        TcpChannel server = accept(listener);
        assertThat(server.hasRef()).isTrue();
        server.register(UEvent.IN, (fd, events) -> server.close());
        runUntil(client::finishConnect);
        client.close();
        loop.runUntilIdle();
        assertThat(server.isOpen()).isFalse();
    }

    @Test
    void otherThreadsAreRejectedWhileTheLoopRuns() throws Exception {
        UdpChannel channel = closing(UdpChannel.open(loop, anyPort()));
        channel.register(UEvent.IN, NOTHING);
        onAnotherThreadWhileTheLoopRuns(
                () -> {
                    assertThatIllegalStateException().isThrownBy(channel::unref);
                    assertThat(channel.hasRef()).isTrue();
                });
    }

    @Test
    void closedLoopIsNoObstacle() throws IOException {
        Uloop other = build(provider);
        UdpChannel channel = closing(UdpChannel.open(other, anyPort()));
        channel.register(UEvent.IN, NOTHING);
        other.close();
        channel.unref();
        assertThat(channel.hasRef()).isFalse();
        channel.ref();
        assertThat(channel.hasRef()).isTrue();
    }

    @Test
    void joinedStreamsAreOne() throws IOException {
        PipeChannel.Ends there = PipeChannel.open(loop);
        PipeChannel.Ends back = PipeChannel.open(loop);
        closing(there.sink());
        closing(back.source());
        ByteStream joined = closing(ByteStream.of(there.source(), back.sink()));
        joined.register(UEvent.IN, NOTHING);
        joined.unref();
        assertThat(joined.hasRef()).isFalse();
        loop.runUntilIdle();
        joined.ref();
        assertThat(there.source().hasRef() && back.sink().hasRef()).isTrue();
    }
}
