package io.uloop.poller;

import java.util.BitSet;

/**
 * Performs the operations on threads and processes that require system calls, and that the JDK does
 * not have. Native backends have it, see {@link NativeDescriptors#processes}.
 *
 * <p>Thread-safe.
 */
public interface NativeProcesses {
    /**
     * Restricts the calling thread to some processors. Threads that it starts later inherit this.
     * Requires Linux.
     *
     * @param processors the numbers of the processors, at least one
     * @throws PollerException EINVAL if none of them exists or is available to this process
     * @throws UnsupportedOperationException on other systems
     * @see <a
     *     href="https://man7.org/linux/man-pages/man2/sched_setaffinity.2.html">sched_setaffinity(2)</a>
     */
    void setAffinity(BitSet processors) throws PollerException;

    /**
     * Returns the processors to which the calling thread is restricted. Requires Linux.
     *
     * @return the numbers of the processors
     * @throws PollerException EINVAL if the system has more than 8192 processors
     * @throws UnsupportedOperationException on other systems
     */
    BitSet affinity() throws PollerException;
}
