package io.uloop.observe;

/**
 * A callback that took longer than the threshold of its loop.
 *
 * @param what the callback
 * @param startMillis when it started, in milliseconds since 1970
 * @param nanos how long it took, or has taken so far, to the precision of the watchdog
 * @param running whether it has not returned
 */
public record SlowCall(String what, long startMillis, long nanos, boolean running) {}
