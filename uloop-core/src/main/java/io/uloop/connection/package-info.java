/**
 * Stream connections on a {@link io.uloop.Uloop}, plain or TLS.
 *
 * <p>A {@link io.uloop.connection.Connection} adds to a channel of {@link io.uloop.net} what most
 * protocols need: buffered writes, back-pressure, timeouts, an orderly close and TLS. It calls a
 * {@link io.uloop.connection.ConnectionHandler}.
 *
 * <table>
 * <caption>Which class to use</caption>
 * <tr><th>to</th><th>use</th></tr>
 * <tr><td>serve connections of a listener</td><td>{@link
 * io.uloop.connection.Connection#acceptor}</td></tr>
 * <tr><td>connect to a host with several addresses</td><td>{@link
 * io.uloop.connection.Connector}</td></tr>
 * <tr><td>use a pipe, a terminal or a child's streams</td><td>{@link
 * io.uloop.connection.Connection#open}</td></tr>
 * <tr><td>set timeouts and watermarks</td><td>{@link
 * io.uloop.connection.ConnectionOptions}</td></tr>
 * <tr><td>use TLS</td><td>{@link io.uloop.connection.TlsOptions}</td></tr>
 * </table>
 */
package io.uloop.connection;
