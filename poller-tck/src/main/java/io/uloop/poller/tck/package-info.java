/**
 * The cases of the poller contract: {@link io.uloop.poller.tck.PollerContract} runs them on one
 * backend, {@link io.uloop.poller.tck.ContractTable} sets the outcomes of several side by side.
 * {@link io.uloop.poller.tck.NoDescriptorLeak} is for tests of any kind.
 */
package io.uloop.poller.tck;
