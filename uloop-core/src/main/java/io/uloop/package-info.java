/**
 * The event loop: {@link io.uloop.Uloop} waits for descriptors, timers and tasks and calls an
 * {@link io.uloop.EventHandler} for each event.
 */
package io.uloop;
