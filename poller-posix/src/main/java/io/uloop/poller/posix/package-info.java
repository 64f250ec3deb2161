/**
 * Access to the C library for the native backends. {@link io.uloop.poller.posix.PosixDescriptors}
 * performs I/O. The packages below it use each other in one direction only: {@code call}, {@code
 * memory}, {@code file}, {@code socket}.
 */
package io.uloop.poller.posix;
