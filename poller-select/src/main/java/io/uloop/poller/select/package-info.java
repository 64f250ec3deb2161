/**
 * The poller contract on {@link java.nio.channels.Selector}, for platforms and JVMs where the
 * native backends cannot run. {@link io.uloop.poller.select.SelectProvider} says what NIO cannot
 * do.
 */
package io.uloop.poller.select;
