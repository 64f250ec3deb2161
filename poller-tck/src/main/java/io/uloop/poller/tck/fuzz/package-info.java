/**
 * A differential fuzzer for the poller contract. It runs random steps on every backend and on a
 * model of the contract, and shrinks a failing sequence to the fewest steps.
 */
package io.uloop.poller.tck.fuzz;
