package io.uloop.cli;

import io.uloop.Uloop;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;

/** Answers one client of a time server, while Java records the classes that it loads. */
@Command(
        name = "rehearse",
        hidden = true,
        header = "Answers one request and exits, while the launcher records the classes used.")
final class RehearseCommand implements Callable<Integer> {
    private static final int BUFFER_SIZE = 1024;

    /** Enough for an answer. Without one, the launcher must not wait forever. */
    private static final int TURNS = 10;

    @Override
    public Integer call() throws IOException {
        InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        try (Uloop loop = Uloop.open();
                Server server = TcpServerHandler.open(loop, any, BUFFER_SIZE, new TimeReply())) {
            InetSocketAddress address = (InetSocketAddress) server.localAddress();
            try (Socket client = new Socket(address.getAddress(), address.getPort())) {
                client.getOutputStream().write('x');
                for (int i = 0; i < TURNS && client.getInputStream().available() == 0; i++) {
                    loop.runOnce(TimeUnit.SECONDS.toNanos(1));
                }
            }
        }
        return 0;
    }
}
