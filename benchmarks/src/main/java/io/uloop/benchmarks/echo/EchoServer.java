package io.uloop.benchmarks.echo;

import io.uloop.fiber.FiberMode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.IntConsumer;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The main class of a server on the JVM: {@code EchoServer SERVER TRANSPORT [KEYSTORE]}. Prints
 * {@code READY port}. Answers the lines {@code allocated} and {@code heap} on standard input with
 * {@code BYTES n}. Exits at the end of standard input.
 */
final class EchoServer {
    static final int BUFFER_BYTES = 64 * 1024;
    static final int BACKLOG = 4096;

    /** The buffer of one connection, in servers in which each connection has its own. */
    static final int CONNECTION_BUFFER_BYTES = 8 * 1024;

    /** A limit, so that a flood of datagrams does not starve other descriptors. */
    static final int DATAGRAMS_PER_EVENT = 64;

    private EchoServer() {}

    public static void main(String[] arguments) throws Exception {
        Logger.getLogger("").setLevel(Level.WARNING);
        Thread answers = new Thread(EchoServer::answer, "answers");
        answers.setDaemon(true);
        answers.start();
        Contender contender = Contender.of(arguments[0]);
        TlsKey key = arguments.length > 2 ? TlsKey.load(Path.of(arguments[2])) : null;
        InetSocketAddress local = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        serve(contender, Transport.valueOf(arguments[1]), key, local, EchoServer::tellReady);
    }

    /**
     * Serves until the process ends.
     *
     * @param key the key of a TLS server; null without TLS
     * @param ready receives the port
     */
    static void serve(
            Contender contender,
            Transport transport,
            @Nullable TlsKey key,
            InetSocketAddress local,
            IntConsumer ready)
            throws Exception {
        boolean udp = transport == Transport.UDP;
        switch (contender) {
            case ULOOP_EPOLL -> uloop("epoll", udp, local, ready);
            case ULOOP_KQUEUE -> uloop("kqueue", udp, local, ready);
            case ULOOP_POLL -> uloop("poll", udp, local, ready);
            case ULOOP_SELECT -> uloop("select", udp, local, ready);
            case ULOOP_BATCH -> UloopUdpEcho.run("epoll", true, local, ready);
            case CONNECTION_EPOLL -> ConnectionEcho.run("epoll", key, local, ready);
            case CONNECTION_KQUEUE -> ConnectionEcho.run("kqueue", key, local, ready);
            case CONNECTION_POLL -> ConnectionEcho.run("poll", key, local, ready);
            case CONNECTION_SELECT -> ConnectionEcho.run("select", key, local, ready);
            case FIBERS_LOOP -> FiberEcho.run(FiberMode.LOOP, local, ready);
            case FIBERS_JDK -> FiberEcho.run(FiberMode.JDK, local, ready);
            case FIBERS_PLATFORM -> FiberEcho.run(FiberMode.PLATFORM, local, ready);
            case VTHREADS_CHANNEL -> BlockingEcho.runChannel(local, ready);
            case VTHREADS_SOCKET ->
                    BlockingEcho.runSocket(VirtualThreads::start, key, local, ready);
            case THREADS_SOCKET ->
                    BlockingEcho.runSocket(task -> new Thread(task).start(), key, local, ready);
            case NIO -> {
                if (udp) {
                    NioEcho.runUdp(local, ready);
                } else {
                    NioEcho.runTcp(local, ready);
                }
            }
            case NETTY_EPOLL -> netty(NettyEcho.Kind.EPOLL, udp, key, local, ready);
            case NETTY_IO_URING -> netty(NettyEcho.Kind.IO_URING, udp, key, local, ready);
            case NETTY_NIO -> netty(NettyEcho.Kind.NIO, udp, key, local, ready);
            case NETTY_SEGMENTS -> NettyEcho.runSegments(local, ready);
            case C, C_BATCH -> throw new IllegalArgumentException(contender + " is a C program");
        }
    }

    private static void uloop(
            String backend, boolean udp, InetSocketAddress local, IntConsumer ready)
            throws IOException {
        if (udp) {
            UloopUdpEcho.run(backend, false, local, ready);
        } else {
            UloopTcpEcho.run(backend, local, ready);
        }
    }

    private static void netty(
            NettyEcho.Kind kind,
            boolean udp,
            @Nullable TlsKey key,
            InetSocketAddress local,
            IntConsumer ready)
            throws Exception {
        if (udp) {
            NettyEcho.runUdp(kind, local, ready);
        } else {
            NettyEcho.runTcp(kind, key, local, ready);
        }
    }

    private static void tellReady(int port) {
        System.out.println("READY " + port);
    }

    private static void answer() {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            for (String line; (line = lines.readLine()) != null; ) {
                System.out.println("BYTES " + (line.equals("heap") ? heap() : allocated()));
            }
        } catch (IOException e) {
            System.err.println("cannot read standard input: " + e);
        }
        Runtime.getRuntime().halt(0);
    }

    /** Returns the bytes used on the heap after a collection. */
    private static long heap() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    /** Returns the bytes allocated by all threads except the current one. */
    private static long allocated() {
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long self = Thread.currentThread().getId();
        long[] others = Arrays.stream(threads.getAllThreadIds()).filter(id -> id != self).toArray();
        return Arrays.stream(threads.getThreadAllocatedBytes(others))
                .filter(bytes -> bytes > 0) // -1 for a thread that has ended meanwhile
                .sum();
    }
}
