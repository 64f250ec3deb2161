/**
 * The cases of the poller contract: {@link io.uloop.poller.tck.PollerContract} runs them on one
 * backend, {@link io.uloop.poller.tck.ContractTable} sets the outcomes of several side by side.
 */
package io.uloop.poller.tck;
