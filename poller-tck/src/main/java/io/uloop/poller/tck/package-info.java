/**
 * The test cases of the poller contract. {@link io.uloop.poller.tck.PollerContract} runs them on a
 * backend. {@link io.uloop.poller.tck.ContractTable} prints the outcomes of several backends as a
 * table. {@link io.uloop.poller.tck.NoDescriptorLeak} is useful for tests of any kind.
 */
package io.uloop.poller.tck;
