/** Checks the arrows between packages and the knots inside them. */
package io.uloop.poller.tck.arch;
