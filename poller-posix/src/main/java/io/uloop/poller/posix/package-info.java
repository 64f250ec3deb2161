/**
 * The C library as the native backends need it: {@link io.uloop.poller.posix.Posix} binds calls and
 * reads errno, {@link io.uloop.poller.posix.PosixDescriptors} does the I/O, {@link
 * io.uloop.poller.posix.Memory} is what the kernel reads and writes.
 */
package io.uloop.poller.posix;
