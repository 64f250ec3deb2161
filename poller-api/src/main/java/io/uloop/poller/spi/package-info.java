/**
 * What a backend is made of: {@link io.uloop.poller.spi.ReadinessPoller} carries the rules that are
 * the same on every kernel, so that a backend adds only its system calls.
 */
package io.uloop.poller.spi;
