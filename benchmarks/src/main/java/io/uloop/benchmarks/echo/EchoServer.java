package io.uloop.benchmarks.echo;

import io.uloop.fiber.FiberMode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.IntConsumer;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * The main class of a server on the JVM: {@code EchoServer SERVER TRANSPORT}. Prints {@code READY
 * port}. Answers the lines {@code allocated} and {@code heap} on standard input with {@code BYTES
 * n}. Exits at the end of standard input.
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
        InetSocketAddress local = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        serve(contender, Transport.valueOf(arguments[1]), local, EchoServer::tellReady);
    }

    private static void serve(
            Contender contender, Transport transport, InetSocketAddress local, IntConsumer ready)
            throws Exception {
        boolean tcp = transport == Transport.TCP;
        switch (contender) {
            case ULOOP -> uloop("epoll", tcp, local, ready);
            case ULOOP_POLL -> uloop("poll", tcp, local, ready);
            case ULOOP_SELECT -> uloop("select", tcp, local, ready);
            case ULOOP_BATCH -> UloopUdpEcho.run("epoll", true, local, ready);
            case FIBERS_LOOP -> FiberEcho.run(FiberMode.LOOP, local, ready);
            case FIBERS_JDK -> FiberEcho.run(FiberMode.JDK, local, ready);
            case FIBERS_PLATFORM -> FiberEcho.run(FiberMode.PLATFORM, local, ready);
            case VTHREADS_CHANNEL -> VirtualThreadEcho.runChannel(local, ready);
            case VTHREADS_SOCKET -> VirtualThreadEcho.runSocket(local, ready);
            case NIO -> {
                if (tcp) {
                    NioEcho.runTcp(local, ready);
                } else {
                    NioEcho.runUdp(local, ready);
                }
            }
            case NETTY_EPOLL, NETTY_NIO -> {
                boolean epoll = contender == Contender.NETTY_EPOLL;
                if (tcp) {
                    NettyEcho.runTcp(epoll, local, ready);
                } else {
                    NettyEcho.runUdp(epoll, local, ready);
                }
            }
            case NETTY_SEGMENTS -> NettyEcho.runSegments(local, ready);
            case C, C_BATCH -> throw new IllegalArgumentException(contender + " is a C program");
        }
    }

    private static void uloop(
            String backend, boolean tcp, InetSocketAddress local, IntConsumer ready)
            throws IOException {
        if (tcp) {
            UloopTcpEcho.run(backend, local, ready);
        } else {
            UloopUdpEcho.run(backend, false, local, ready);
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
