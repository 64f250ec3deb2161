/** Binds C functions to Java interfaces and converts their errors to exceptions. */
package io.uloop.poller.posix.call;
