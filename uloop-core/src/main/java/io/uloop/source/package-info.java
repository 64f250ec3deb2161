/**
 * What a loop listens to besides sockets, ready made: timers and counters of the kernel, changes of
 * files, pseudo-terminals, FIFOs, the standard input and children. Each opens its descriptor on the
 * loop's backend, joins the loop and calls a handler until it is closed.
 */
package io.uloop.source;
