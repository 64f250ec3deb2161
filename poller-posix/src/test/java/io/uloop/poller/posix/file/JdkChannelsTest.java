package io.uloop.poller.posix.file;

import static io.uloop.poller.posix.Failures.assertFails;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.uloop.poller.Errno;
import io.uloop.poller.posix.Loopback;
import io.uloop.poller.posix.PosixDescriptors;
import io.uloop.poller.tck.ChildJava;
import io.uloop.poller.tck.NoDescriptorLeak;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.Pipe;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoDescriptorLeak.class)
final class JdkChannelsTest {
    private static final String OPTION = "--add-exports java.base/sun.nio.ch=ALL-UNNAMED";

    @Test
    void hiddenDescriptorFailsWithTheOption() throws IOException {
        try (SocketChannel channel = SocketChannel.open()) {
            assertThatExceptionOfType(UnsupportedOperationException.class)
                    .isThrownBy(() -> PosixDescriptors.INSTANCE.fileno(channel))
                    .withMessageContaining("start it with " + OPTION);
        }
    }

    @Test
    void optionExposesTheDescriptor() throws Exception {
        assertThat(ChildJava.of(Shown.class).options(OPTION.split(" ")).run()).endsWith("shown\n");
    }

    /** Runs in a JVM with the option. */
    static final class Shown {
        private static final PosixDescriptors DESCRIPTORS = PosixDescriptors.INSTANCE;

        public static void main(String[] arguments) throws IOException {
            pipesBytesGoThroughItsNumbers();
            everyKindOfChannelHasItsNumber();
            closedChannelHasNone();
            foreignChannelIsRefused();
            System.out.println("shown");
        }

        private static void pipesBytesGoThroughItsNumbers() throws IOException {
            Pipe pipe = Pipe.open();
            DESCRIPTORS.write(DESCRIPTORS.fileno(pipe.sink()), ByteBuffer.wrap(new byte[] {42}));
            ByteBuffer target = ByteBuffer.allocate(1);
            assertThat(DESCRIPTORS.read(DESCRIPTORS.fileno(pipe.source()), target)).isEqualTo(1);
            assertThat(target.get(0)).isEqualTo((byte) 42);
            pipe.sink().close();
            pipe.source().close();
        }

        private static void everyKindOfChannelHasItsNumber() throws IOException {
            try (ServerSocketChannel server = ServerSocketChannel.open();
                    DatagramChannel datagrams = DatagramChannel.open(StandardProtocolFamily.INET);
                    SocketChannel unix = SocketChannel.open(StandardProtocolFamily.UNIX)) {
                server.bind(Loopback.IPV4);
                datagrams.bind(Loopback.IPV4);
                assertThat(DESCRIPTORS.localAddress(DESCRIPTORS.fileno(server)))
                        .isEqualTo(server.getLocalAddress());
                assertThat(DESCRIPTORS.localAddress(DESCRIPTORS.fileno(datagrams)))
                        .isEqualTo(datagrams.getLocalAddress());
                assertThat(FileIdentity.of(DESCRIPTORS.fileno(unix)).kind())
                        .isEqualTo(FileIdentity.Kind.SOCKET);
            }
        }

        private static void closedChannelHasNone() throws IOException {
            SocketChannel channel = SocketChannel.open();
            channel.close();
            assertFails(Errno.EBADF, () -> DESCRIPTORS.fileno(channel));
        }

        private static void foreignChannelIsRefused() throws IOException {
            try (SelectableChannel foreign = new Foreign()) {
                assertThatExceptionOfType(UnsupportedOperationException.class)
                        .isThrownBy(() -> DESCRIPTORS.fileno(foreign))
                        .withMessageContaining("not a JDK channel");
            }
        }
    }

    /** A channel that is not the JDK's. */
    private static final class Foreign extends SelectableChannel {
        @Override
        public SelectorProvider provider() {
            return SelectorProvider.provider();
        }

        @Override
        public int validOps() {
            return 0;
        }

        @Override
        public boolean isRegistered() {
            return false;
        }

        @Override
        public SelectionKey keyFor(Selector selector) {
            throw new UnsupportedOperationException();
        }

        @Override
        public SelectionKey register(Selector selector, int operations, Object attachment) {
            throw new UnsupportedOperationException();
        }

        @Override
        public SelectableChannel configureBlocking(boolean block) {
            return this;
        }

        @Override
        public boolean isBlocking() {
            return false;
        }

        @Override
        public Object blockingLock() {
            return Objects.requireNonNull(this);
        }

        @Override
        protected void implCloseChannel() {}
    }
}
