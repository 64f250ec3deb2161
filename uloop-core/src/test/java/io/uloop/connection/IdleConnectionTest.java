package io.uloop.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.uloop.net.TcpListener;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import javax.management.JMException;
import javax.management.ObjectName;
import org.junit.jupiter.api.Test;

/**
 * An idle connection takes little heap: a service has many of them. {@code
 * -Duloop.idle.connections} measures with more.
 */
class IdleConnectionTest extends EachConnection {
    private static final int CONNECTIONS = Integer.getInteger("uloop.idle.connections", 500);

    @Test
    void idlePlainConnectionTakesAtMost200Bytes() throws Exception {
        ConnectionHandler handler = (connection, data) -> {};
        TcpListener listener = closing(TcpListener.open(loop, anyPort()));
        listener.register(Connection.acceptor(ConnectionOptions.DEFAULTS, () -> handler));
        int[] first = connect(listener, 1); // loads the classes
        Map<String, Long> before = bytesByClass();
        int[] clients = connect(listener, CONNECTIONS);
        Map<String, Double> perConnection = new TreeMap<>();
        bytesByClass()
                .forEach(
                        (name, bytes) -> {
                            long added = bytes - before.getOrDefault(name, 0L);
                            if (added >= CONNECTIONS) {
                                perConnection.put(name, (double) added / CONNECTIONS);
                            }
                        });
        double sum = perConnection.values().stream().mapToDouble(each -> each).sum();
        assertThat(sum).as("%s: %s", provider.name(), perConnection).isBetween(50.0, 200.0);
        for (int client : clients) {
            io.close(client);
        }
        io.close(first[0]);
        runUntil(() -> listener.connections() == 0);
    }

    /** Connects clients that are only numbers. */
    private int[] connect(TcpListener listener, int count) throws IOException {
        InetSocketAddress address = (InetSocketAddress) listener.getLocalAddress();
        int[] clients = new int[count];
        int before = listener.connections();
        for (int i = 0; i < count; i++) {
            int client = io.openStream(loopbackFamily());
            clients[i] = client;
            io.connect(client, address);
            int accepted = before + i + 1;
            runUntil(() -> listener.connections() == accepted);
            runUntil(() -> unchecked(() -> io.finishConnect(client)));
            io.write(client, ByteBuffer.allocate(1));
        }
        runUntil(() -> loop.runOnce(0) == 0); // what the clients sent has been read
        return clients;
    }

    /** Returns the bytes of live objects of the project's classes, without those of backends. */
    private static Map<String, Long> bytesByClass() throws JMException {
        Object histogram =
                ManagementFactory.getPlatformMBeanServer()
                        .invoke(
                                new ObjectName("com.sun.management:type=DiagnosticCommand"),
                                "gcClassHistogram",
                                new Object[] {new String[] {}},
                                new String[] {String[].class.getName()});
        Map<String, Long> bytes = new HashMap<>();
        for (String line : histogram.toString().lines().toList()) {
            String[] words = line.trim().split("\\s+", -1); // number, instances, bytes, class
            if (words.length >= 4
                    && words[3].startsWith("io.uloop.")
                    && !words[3].startsWith("io.uloop.poller.")) {
                bytes.merge(words[3], Long.parseLong(words[2]), Long::sum);
            }
        }
        return bytes;
    }
}
