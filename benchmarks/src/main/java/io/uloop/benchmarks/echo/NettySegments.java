package io.uloop.benchmarks.echo;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.unix.SegmentedDatagramPacket;
import java.net.InetSocketAddress;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Echoes segmented datagrams over UDP. Netty splits them into single datagrams when it receives
 * them, so consecutive datagrams of the same peer and length are joined again. The last segment may
 * be shorter.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a void promise reports failures to exceptionCaught
final class NettySegments extends ChannelInboundHandlerAdapter {
    private static final int MAX_DATAGRAMS = 64;
    private static final int MAX_BYTES = 65_507;

    private @Nullable ByteBuf pending;
    private @Nullable InetSocketAddress peer;
    private int segmentBytes;

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        DatagramPacket packet = (DatagramPacket) message;
        ByteBuf datagram = packet.content();
        if (pending != null && !continues(packet)) {
            write(context);
        }
        if (pending == null) {
            peer = packet.sender();
            segmentBytes = datagram.readableBytes();
            int most = Math.min(MAX_DATAGRAMS * segmentBytes, MAX_BYTES);
            pending = context.alloc().directBuffer(most, most);
        }
        boolean last = datagram.readableBytes() < segmentBytes;
        pending.writeBytes(datagram);
        packet.release();
        if (last) {
            write(context);
        }
    }

    private boolean continues(DatagramPacket packet) {
        int bytes = packet.content().readableBytes();
        return packet.sender().equals(peer)
                && bytes > 0
                && bytes <= segmentBytes
                && bytes <= Objects.requireNonNull(pending).writableBytes();
    }

    private void write(ChannelHandlerContext context) {
        ByteBuf bytes = Objects.requireNonNull(pending);
        InetSocketAddress receiver = Objects.requireNonNull(peer);
        pending = null;
        context.write(
                bytes.readableBytes() > segmentBytes
                        ? new SegmentedDatagramPacket(bytes, segmentBytes, receiver)
                        : new DatagramPacket(bytes, receiver),
                context.voidPromise());
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        if (pending != null) {
            write(context);
        }
        context.flush();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        // UDP allows loss: a datagram that cannot be sent is dropped.
    }
}
