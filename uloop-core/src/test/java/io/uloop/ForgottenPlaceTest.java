package io.uloop;

import static org.assertj.core.api.Assertions.assertThat;

import io.uloop.net.TcpChannel;
import io.uloop.net.TcpListener;
import io.uloop.net.UdpChannel;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Tests that the leak log names the user's line that opened the resource, not a line of this
 * library.
 */
class ForgottenPlaceTest extends EachBackend {
    private final CapturedLog log = new CapturedLog("io.uloop.net", CapturedLog::isSummary);

    @AfterEach
    void restoreLog() {
        log.close();
    }

    private void collectUntilLogged() throws IOException {
        runUntil(
                () -> {
                    System.gc();
                    return !log.messages().isEmpty();
                });
    }

    private void openAndForget() throws IOException {
        UdpChannel.open(loop, StandardProtocolFamily.INET);
    }

    private TcpListener openListener() throws IOException {
        return closing(TcpListener.open(loop, anyPort()));
    }

    @Test
    void logNamesTheLineThatOpenedIt() throws IOException {
        openAndForget();
        collectUntilLogged();
        assertThat(log.messages())
                .singleElement()
                .asString()
                .contains("it was opened at io.uloop.ForgottenPlaceTest.openAndForget(")
                .contains("ForgottenPlaceTest.java:");
    }

    @Test
    void logNamesTheLineThatOpenedTheListenerOfAConnection() throws IOException {
        TcpListener listener = openListener();
        int[] accepted = new int[1];
        listener.register(channel -> accepted[0]++);
        closing(TcpChannel.connect(loop, listener.getLocalAddress()));
        runUntil(() -> accepted[0] == 1);
        collectUntilLogged();
        assertThat(log.messages())
                .singleElement()
                .asString()
                .startsWith("TcpChannel[")
                .contains("it was accepted by a listener that was opened at")
                .contains("ForgottenPlaceTest.openListener(");
    }
}
