package io.uloop.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.uloop.poller.tck.NoDescriptorLeak;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** The UDP time server in this JVM. */
@ParameterizedClass(name = "{0}")
@MethodSource("io.uloop.poller.tck.Backends#names")
@ExtendWith(NoDescriptorLeak.class)
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class UdpServerTest {
    private final String backend;

    UdpServerTest(String backend) {
        this.backend = backend;
    }

    @Test
    void answersEmptyAndOverlongDatagrams() throws IOException {
        try (ServerThread server = start();
                DatagramSocket client = client()) {
            for (int length : new int[] {10, 0, 5000}) {
                send(client, server, length);
                assertThat(receive(client))
                        .matches("\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d\\.\\d{6}");
            }
        }
    }

    @Test
    void answersEachOfManyClients() throws IOException {
        List<DatagramSocket> clients = new ArrayList<>();
        try (ServerThread server = start()) {
            for (int i = 0; i < 50; i++) {
                DatagramSocket client = client();
                clients.add(client);
                send(client, server, 1);
            }
            for (DatagramSocket client : clients) {
                assertThat(receive(client)).hasSize(26);
            }
        } finally {
            clients.forEach(DatagramSocket::close);
        }
    }

    @Test
    void survivesClientsThatVanish() throws IOException {
        try (ServerThread server = start()) {
            for (int i = 0; i < 50; i++) {
                try (DatagramSocket gone = client()) {
                    send(gone, server, 1);
                }
            }
            try (DatagramSocket client = client()) {
                send(client, server, 1);
                assertThat(receive(client)).hasSize(26);
            }
        }
    }

    private ServerThread start() throws IOException {
        return new ServerThread(
                backend,
                (loop, local) -> UdpServerHandler.open(loop, local, 1024, new TimeReply()));
    }

    private static DatagramSocket client() throws IOException {
        DatagramSocket client = new DatagramSocket();
        client.setSoTimeout(ServerThread.TIMEOUT_MILLIS);
        return client;
    }

    /** Uses an unconnected socket, because the JDK drops empty datagrams on connected ones. */
    private static void send(DatagramSocket client, ServerThread server, int length)
            throws IOException {
        client.send(new DatagramPacket(new byte[length], length, server.address()));
    }

    private static String receive(DatagramSocket client) throws IOException {
        DatagramPacket answer = new DatagramPacket(new byte[100], 100);
        client.receive(answer);
        return new String(answer.getData(), 0, answer.getLength(), US_ASCII);
    }
}
