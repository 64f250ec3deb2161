/**
 * Sockets that live on a {@link io.uloop.Uloop}: non-blocking, without buffers of their own, and
 * the same on every backend, because they are built on {@link io.uloop.poller.Descriptors} alone.
 */
package io.uloop.net;
