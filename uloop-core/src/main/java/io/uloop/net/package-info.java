/**
 * Non-blocking channels and listeners on a {@link io.uloop.Uloop}.
 *
 * <p>Channels do not buffer. They behave the same on every backend because they use only {@link
 * io.uloop.poller.Descriptors}. They implement the byte channel and network channel interfaces of
 * {@code java.nio.channels}, so code written for those interfaces accepts them.
 *
 * <table>
 * <caption>Which class to use</caption>
 * <tr><th>to</th><th>use</th></tr>
 * <tr><td>accept TCP connections</td><td>{@link TcpListener}</td></tr>
 * <tr><td>accept unix-domain connections</td><td>{@link UnixListener}</td></tr>
 * <tr><td>exchange bytes over TCP</td><td>{@link TcpChannel}</td></tr>
 * <tr><td>exchange bytes and file descriptors on one machine</td><td>{@link UnixChannel}</td></tr>
 * <tr><td>exchange datagrams</td><td>{@link UdpChannel}</td></tr>
 * <tr><td>queue datagrams with back-pressure</td><td>{@link DatagramQueue}</td></tr>
 * <tr><td>exchange datagrams on one machine, none of which is lost</td><td>{@link
 * UnixDatagramChannel}</td></tr>
 * <tr><td>read or write a pipe, a FIFO or a terminal</td><td>{@link PipeChannel}</td></tr>
 * <tr><td>serve on sockets that systemd passes</td><td>{@link SocketActivation}</td></tr>
 * <tr><td>use buffered writes, timeouts or TLS</td><td>{@link io.uloop.connection.Connection}</td></tr>
 * <tr><td>connect to a host with several addresses</td><td>{@link
 * io.uloop.connection.Connector}</td></tr>
 * <tr><td>write the same code for TCP and unix-domain connections</td><td>{@link StreamChannel},
 * {@link Listener}, {@link AcceptHandler}</td></tr>
 * </table>
 *
 * <p>To use a channel of the JDK on a loop, register it with {@link
 * io.uloop.Uloop#add(java.nio.channels.SelectableChannel, int, io.uloop.EventHandler)}.
 */
package io.uloop.net;
