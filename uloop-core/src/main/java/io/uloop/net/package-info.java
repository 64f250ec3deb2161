/**
 * Channels that live on a {@link io.uloop.Uloop}: non-blocking, without buffers of their own, and
 * the same on every backend, because they are built on {@link io.uloop.poller.Descriptors} alone.
 * On top of them {@link io.uloop.net.Connection}: buffered, back-pressured, timed, plain or TLS.
 */
package io.uloop.net;
