/**
 * The API of pollers. {@link io.uloop.poller.Pollers} opens a poller, {@link
 * io.uloop.poller.Poller} watches descriptors, {@link io.uloop.poller.UEvent} defines the reported
 * bits, and {@link io.uloop.poller.Descriptors} performs the I/O.
 */
package io.uloop.poller;
