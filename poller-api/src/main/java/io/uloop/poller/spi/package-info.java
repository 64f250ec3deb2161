/**
 * The base classes of backends. {@link io.uloop.poller.spi.ReadinessPoller} implements the rules
 * that are the same on every kernel, so a backend adds only its system calls.
 */
package io.uloop.poller.spi;
