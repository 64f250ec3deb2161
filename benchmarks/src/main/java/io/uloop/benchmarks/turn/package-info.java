/**
 * Measures single calls and turns in thread CPU time, with all contenders in one process and their
 * rounds interleaved.
 */
package io.uloop.benchmarks.turn;
