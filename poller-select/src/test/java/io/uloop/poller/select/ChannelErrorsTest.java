package io.uloop.poller.select;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.uloop.poller.Errno;
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
                Arguments.of(Errno.EADDRINUSE, new BindException("Address already in use")),
                Arguments.of(Errno.EADDRINUSE, new BindException("in a language nobody knows")),
                Arguments.of(
                        Errno.EADDRNOTAVAIL, new BindException("Cannot assign requested address")),
                Arguments.of(
                        Errno.EADDRNOTAVAIL, new BindException("Can't assign requested address")),
                Arguments.of(Errno.EACCES, new BindException("Permission denied")),
                Arguments.of(
                        Errno.ECONNREFUSED, new ConnectException("host:1: Connection refused")),
                Arguments.of(Errno.ECONNREFUSED, new ConnectException()),
                Arguments.of(Errno.ECONNREFUSED, new PortUnreachableException()),
                Arguments.of(Errno.ETIMEDOUT, new ConnectException("Connection timed out")),
                Arguments.of(Errno.ETIMEDOUT, new ConnectException("Operation timed out")),
                Arguments.of(Errno.EHOSTUNREACH, new NoRouteToHostException()),
                Arguments.of(Errno.ENETUNREACH, new SocketException("Network is unreachable")),
                Arguments.of(Errno.ECONNRESET, new SocketException("Connection reset")),
                Arguments.of(Errno.ECONNRESET, new IOException("Connection reset by peer")),
                Arguments.of(Errno.EPIPE, new IOException("Broken pipe")),
                Arguments.of(Errno.EMFILE, new IOException("Too many open files")),
                Arguments.of(Errno.ENFILE, new IOException("Too many open files in system")),
                Arguments.of(Errno.EMSGSIZE, new SocketException("Message too long")),
                Arguments.of(Errno.EBADF, new ClosedChannelException()),
                Arguments.of(Errno.EBADF, new AsynchronousCloseException()),
                Arguments.of(Errno.ENOTCONN, new NotYetConnectedException()),
                Arguments.of(Errno.ENOTCONN, new NoConnectionPendingException()),
                Arguments.of(Errno.EISCONN, new AlreadyConnectedException()),
                Arguments.of(Errno.EALREADY, new ConnectionPendingException()),
                Arguments.of(Errno.EINVAL, new AlreadyBoundException()),
                Arguments.of(Errno.EINVAL, new NotYetBoundException()),
                Arguments.of(Errno.EINVAL, new IllegalBlockingModeException()),
                Arguments.of(Errno.EINVAL, new IllegalSelectorException()),
                Arguments.of(Errno.EAFNOSUPPORT, new UnsupportedAddressTypeException()),
                Arguments.of(Errno.EIO, new IOException("something else")),
                Arguments.of(Errno.EIO, new IOException()));
    }

    @ParameterizedTest
    @MethodSource("exceptions")
    void exceptionMapsToErrno(Errno errno, Exception exception) {
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
                .isEqualTo(Errno.EPIPE);
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
