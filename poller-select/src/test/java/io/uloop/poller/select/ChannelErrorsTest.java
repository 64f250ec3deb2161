package io.uloop.poller.select;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.uloop.poller.PollerException;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.PortUnreachableException;
import java.net.SocketException;
import java.nio.channels.AlreadyBoundException;
import java.nio.channels.AlreadyConnectedException;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ConnectionPendingException;
import java.nio.channels.IllegalBlockingModeException;
import java.nio.channels.IllegalSelectorException;
import java.nio.channels.NoConnectionPendingException;
import java.nio.channels.NotYetBoundException;
import java.nio.channels.NotYetConnectedException;
import java.nio.channels.UnsupportedAddressTypeException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ChannelErrorsTest {
    static Stream<Arguments> exceptions() {
        return Stream.of(
                Arguments.of("EADDRINUSE", new BindException("Address already in use")),
                Arguments.of("EADDRINUSE", new BindException("in a language nobody knows")),
                Arguments.of("EADDRNOTAVAIL", new BindException("Cannot assign requested address")),
                Arguments.of("EADDRNOTAVAIL", new BindException("Can't assign requested address")),
                Arguments.of("EACCES", new BindException("Permission denied")),
                Arguments.of("ECONNREFUSED", new ConnectException("host:1: Connection refused")),
                Arguments.of("ECONNREFUSED", new ConnectException()),
                Arguments.of("ECONNREFUSED", new PortUnreachableException()),
                Arguments.of("ETIMEDOUT", new ConnectException("Connection timed out")),
                Arguments.of("ETIMEDOUT", new ConnectException("Operation timed out")),
                Arguments.of("EHOSTUNREACH", new NoRouteToHostException()),
                Arguments.of("ENETUNREACH", new SocketException("Network is unreachable")),
                Arguments.of("ECONNRESET", new SocketException("Connection reset")),
                Arguments.of("ECONNRESET", new IOException("Connection reset by peer")),
                Arguments.of("EPIPE", new IOException("Broken pipe")),
                Arguments.of("EMFILE", new IOException("Too many open files")),
                Arguments.of("ENFILE", new IOException("Too many open files in system")),
                Arguments.of("EMSGSIZE", new SocketException("Message too long")),
                Arguments.of("EBADF", new ClosedChannelException()),
                Arguments.of("EBADF", new AsynchronousCloseException()),
                Arguments.of("ENOTCONN", new NotYetConnectedException()),
                Arguments.of("ENOTCONN", new NoConnectionPendingException()),
                Arguments.of("EISCONN", new AlreadyConnectedException()),
                Arguments.of("EALREADY", new ConnectionPendingException()),
                Arguments.of("EINVAL", new AlreadyBoundException()),
                Arguments.of("EINVAL", new NotYetBoundException()),
                Arguments.of("EINVAL", new IllegalBlockingModeException()),
                Arguments.of("EINVAL", new IllegalSelectorException()),
                Arguments.of("EAFNOSUPPORT", new UnsupportedAddressTypeException()),
                Arguments.of("EIO", new IOException("something else")),
                Arguments.of("EIO", new IOException()));
    }

    @ParameterizedTest
    @MethodSource("exceptions")
    void exceptionMapsToErrno(String errno, Exception exception) {
        PollerException error = ChannelErrors.translate("call", "detail", 7, false, exception);
        assertThat(error.errno()).isEqualTo(errno);
        assertThat(error.fd()).isEqualTo(7);
        assertThat(error.syscall()).isEqualTo("call");
        assertThat(error).hasCause(exception);
        assertThat(error).hasMessageStartingWith("call(detail, fd=7): " + errno + ": ");
        assertThat(error.getMessage()).doesNotContain("null");
    }

    @Test
    void closedExceptionOfOpenChannelIsEpipe() {
        ClosedChannelException exception = new ClosedChannelException();
        assertThat(ChannelErrors.translate("write", "", 7, true, exception).errno())
                .isEqualTo("EPIPE");
    }

    @Test
    void pollerExceptionIsReturnedUnchanged() {
        PollerException error = ChannelErrors.notOpen("read", 7);
        assertThat(ChannelErrors.translate("read", "", 7, true, error)).isSameAs(error);
    }

    @Test
    void callersMistakeIsRethrown() {
        IllegalArgumentException mistake = new IllegalArgumentException("read-only buffer");
        assertThatThrownBy(() -> ChannelErrors.translate("read", "", 7, true, mistake))
                .isSameAs(mistake);
    }
}
