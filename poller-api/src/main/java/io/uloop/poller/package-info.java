/**
 * What a user of a poller sees: {@link io.uloop.poller.Pollers} opens one, {@link
 * io.uloop.poller.Poller} watches descriptors, {@link io.uloop.poller.UEvent} names what it
 * reports, and {@link io.uloop.poller.Descriptors} does the I/O.
 */
package io.uloop.poller;
