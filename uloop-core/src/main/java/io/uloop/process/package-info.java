/**
 * The signals of this process, and other processes: {@link io.uloop.process.Signals}, {@link
 * io.uloop.process.Exits}.
 */
package io.uloop.process;
