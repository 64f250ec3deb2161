/**
 * The contract as a program that invents its own cases: random steps, run on every backend and on a
 * model of the contract, and cut down to the fewest that show a difference.
 */
package io.uloop.poller.tck.fuzz;
