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
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.net.InetSocketAddress;
import java.util.function.IntConsumer;

/**
 * Echo on Netty, with pooled direct buffers. Replies are flushed on channelReadComplete, as Netty's
 * guide recommends, so a single request is answered at once.
 */
final class NettyEcho {
    private static final ByteBufAllocator POOL = new PooledByteBufAllocator(true);

    private NettyEcho() {}

    /** Serves TCP until the process ends. */
    static void runTcp(boolean epoll, InetSocketAddress local, IntConsumer ready)
            throws InterruptedException {
        EchoHandler echo = new EchoHandler();
        Channel listener =
                new ServerBootstrap()
                        .group(group(epoll))
                        .channel(
                                epoll
                                        ? EpollServerSocketChannel.class
                                        : NioServerSocketChannel.class)
                        .option(ChannelOption.SO_BACKLOG, EchoServer.BACKLOG)
                        .childOption(ChannelOption.ALLOCATOR, POOL)
                        .childHandler(
                                new ChannelInitializer<>() {
                                    @Override
                                    protected void initChannel(Channel channel) {
                                        channel.pipeline().addLast(echo);
                                    }
                                })
                        .bind(local)
                        .sync()
                        .channel();
        serve(listener, ready);
    }

    /** Serves UDP until the process ends. */
    static void runUdp(boolean epoll, InetSocketAddress local, IntConsumer ready)
            throws InterruptedException {
        Channel channel =
                new Bootstrap()
                        .group(group(epoll))
                        .channel(epoll ? EpollDatagramChannel.class : NioDatagramChannel.class)
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
                        .group(group(true))
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

    private static EventLoopGroup group(boolean epoll) {
        return new MultiThreadIoEventLoopGroup(
                1, epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
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
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            if (!(context.channel() instanceof io.netty.channel.socket.DatagramChannel)) {
                context.close(); // a reset by the peer is not a server failure
            }
        }
    }
}
