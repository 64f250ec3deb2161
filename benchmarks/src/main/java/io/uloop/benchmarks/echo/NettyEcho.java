package io.uloop.benchmarks.echo;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.uring.IoUringDatagramChannel;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringServerSocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.GeneralSecurityException;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Echo on Netty, with pooled direct buffers. Replies are flushed on channelReadComplete, as Netty's
 * guide recommends, so a single request is answered at once. Nothing is read while a peer does not
 * take its replies.
 */
final class NettyEcho {
    private static final ByteBufAllocator POOL = new PooledByteBufAllocator(true);

    private NettyEcho() {}

    /** How Netty waits for events. */
    enum Kind {
        EPOLL(
                EpollIoHandler::newFactory,
                EpollServerSocketChannel.class,
                EpollDatagramChannel.class),
        IO_URING(
                IoUringIoHandler::newFactory,
                IoUringServerSocketChannel.class,
                IoUringDatagramChannel.class),
        NIO(NioIoHandler::newFactory, NioServerSocketChannel.class, NioDatagramChannel.class);

        @SuppressWarnings("ImmutableEnumChecker") // a method reference
        private final Supplier<IoHandlerFactory> handlers;

        private final Class<? extends ServerChannel> listener;
        private final Class<? extends Channel> datagrams;

        Kind(
                Supplier<IoHandlerFactory> handlers,
                Class<? extends ServerChannel> listener,
                Class<? extends Channel> datagrams) {
            this.handlers = handlers;
            this.listener = listener;
            this.datagrams = datagrams;
        }

        private EventLoopGroup group() {
            return new MultiThreadIoEventLoopGroup(1, handlers.get());
        }
    }

    /**
     * Serves TCP or TLS until the process ends.
     *
     * @param key the key of a TLS server; null without TLS
     */
    static void runTcp(Kind kind, @Nullable TlsKey key, InetSocketAddress local, IntConsumer ready)
            throws GeneralSecurityException, IOException, InterruptedException {
        EchoHandler echo = new EchoHandler();
        SslContext tls =
                key == null
                        ? null
                        : SslContextBuilder.forServer(key.keyManagers())
                                .sslProvider(SslProvider.JDK)
                                .build();
        Channel listener =
                new ServerBootstrap()
                        .group(kind.group())
                        .channel(kind.listener)
                        .option(ChannelOption.SO_BACKLOG, EchoServer.BACKLOG)
                        .childOption(ChannelOption.ALLOCATOR, POOL)
                        .childHandler(
                                new ChannelInitializer<>() {
                                    @Override
                                    protected void initChannel(Channel channel) {
                                        if (tls != null) {
                                            channel.pipeline().addLast(tls.newHandler(POOL));
                                        }
                                        channel.pipeline().addLast(echo);
                                    }
                                })
                        .bind(local)
                        .sync()
                        .channel();
        serve(listener, ready);
    }

    /** Serves UDP until the process ends. */
    static void runUdp(Kind kind, InetSocketAddress local, IntConsumer ready)
            throws InterruptedException {
        Channel channel =
                new Bootstrap()
                        .group(kind.group())
                        .channel(kind.datagrams)
                        .option(ChannelOption.ALLOCATOR, POOL)
                        .handler(new EchoHandler())
                        .bind(local)
                        .sync()
                        .channel();
        serve(channel, ready);
    }

    /**
     * Serves UDP with segmented datagrams until the process ends, one call each way. Receives with
     * recvmsg, because Netty treats a segmented datagram from recvmmsg as a single one.
     */
    static void runSegments(InetSocketAddress local, IntConsumer ready)
            throws InterruptedException {
        Channel channel =
                new Bootstrap()
                        .group(Kind.EPOLL.group())
                        .channel(EpollDatagramChannel.class)
                        .option(ChannelOption.ALLOCATOR, POOL)
                        .option(
                                ChannelOption.RECVBUF_ALLOCATOR,
                                new FixedRecvByteBufAllocator(EchoServer.BUFFER_BYTES))
                        .option(EpollChannelOption.UDP_GRO, true)
                        .handler(new NettySegments())
                        .bind(local)
                        .sync()
                        .channel();
        serve(channel, ready);
    }

    private static void serve(Channel channel, IntConsumer ready) throws InterruptedException {
        ready.accept(((InetSocketAddress) channel.localAddress()).getPort());
        channel.closeFuture().sync();
    }

    /** Sends back every message. A void promise reports failures to exceptionCaught. */
    @Sharable
    @SuppressWarnings("FutureReturnValueIgnored")
    private static final class EchoHandler extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            Object echo =
                    message instanceof DatagramPacket packet
                            ? new DatagramPacket(packet.content(), packet.sender())
                            : message;
            context.write(echo, context.voidPromise());
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            context.flush();
            if (!context.channel().isWritable()) {
                context.channel().config().setAutoRead(false);
            }
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext context) {
            if (context.channel().isWritable()) {
                context.channel().config().setAutoRead(true);
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            if (!(context.channel() instanceof io.netty.channel.socket.DatagramChannel)) {
                context.close(); // a reset by the peer is not a server failure
            }
        }
    }
}
