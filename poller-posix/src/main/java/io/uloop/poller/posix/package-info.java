/**
 * Access to the C library for the native backends. {@link io.uloop.poller.posix.Posix} binds calls
 * and reads errno, {@link io.uloop.poller.posix.PosixDescriptors} performs I/O, and {@link
 * io.uloop.poller.posix.Memory} is shared with the kernel.
 */
package io.uloop.poller.posix;
