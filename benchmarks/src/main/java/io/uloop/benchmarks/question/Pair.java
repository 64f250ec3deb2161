package io.uloop.benchmarks.question;

/**
 * Two connected sockets.
 *
 * @param first the number of one
 * @param second the number of the other
 */
record Pair(int first, int second) {}
