/** Operations on threads and processes. */
package io.uloop.poller.posix.process;
