/**
 * The poller contract on {@link java.nio.channels.Selector}, for platforms and JVMs where native
 * backends are not available. {@link io.uloop.poller.select.SelectProvider} lists NIO's
 * limitations.
 */
package io.uloop.poller.select;
