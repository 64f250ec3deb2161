/**
 * Watching loops from outside: watchdogs, counters, JMX, Flight Recorder and logs that peers cannot
 * flood. These classes see a loop through {@link io.uloop.observe.LoopView} only.
 */
package io.uloop.observe;
