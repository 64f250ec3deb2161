/**
 * Ready-made event sources other than sockets: kernel timers and counters, file watches,
 * pseudo-terminals, FIFOs, the standard input and child processes. Each opens its descriptor on the
 * loop's backend, registers it and calls a handler until it is closed.
 */
package io.uloop.source;
