/**
 * Channels that live on a {@link io.uloop.Uloop}: non-blocking, without buffers of their own, and
 * the same on every backend, because they are built on {@link io.uloop.poller.Descriptors} alone.
 * They are the byte channels and network channels of {@code java.nio.channels}, so what is written
 * for those takes them.
 *
 * <table>
 * <caption>Which class for what</caption>
 * <tr><th>to</th><th>take</th></tr>
 * <tr><td>accept TCP connections</td><td>{@link TcpListener}</td></tr>
 * <tr><td>accept unix-domain connections</td><td>{@link UnixListener}</td></tr>
 * <tr><td>exchange bytes by TCP</td><td>{@link TcpChannel}</td></tr>
 * <tr><td>exchange bytes, and descriptors, within the machine</td><td>{@link UnixChannel}</td></tr>
 * <tr><td>exchange datagrams</td><td>{@link UdpChannel}</td></tr>
 * <tr><td>read or write a pipe, a FIFO, a terminal</td><td>{@link PipeChannel}</td></tr>
 * <tr><td>write without keeping what did not fit; idle timeouts; TLS</td><td>{@link
 * Connection}</td></tr>
 * <tr><td>connect to a host with several addresses</td><td>{@link Connector}</td></tr>
 * <tr><td>write code for TCP and unix-domain connections alike</td><td>{@link StreamChannel},
 * {@link Listener}, {@link AcceptHandler}</td></tr>
 * </table>
 *
 * <p>Channels of the JDK are watched by {@link
 * io.uloop.Uloop#add(java.nio.channels.SelectableChannel, int, io.uloop.EventHandler)}.
 */
package io.uloop.net;
