package io.uloop.poller;

import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * Performs the operations on threads and processes that require system calls, and that the JDK does
 * not have. Native backends have it, see {@link NativeDescriptors#processes}.
 *
 * <p>Thread-safe.
 *
 * @since 0.1
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

    /**
     * Starts a child process. Its signals are not blocked. The JVM does not know this child, so the
     * caller must {@link #reap} it. Requires Linux.
     *
     * @param request what to start
     * @return the process id
     * @throws PollerException ENOENT or EACCES if the program or directory does not exist or cannot
     *     be executed; EPERM or ESRCH if the group does not exist in this session; EBADF if a
     *     descriptor is not open; EAGAIN, EMFILE, ENOMEM
     * @throws IllegalArgumentException if the charset of the locale cannot encode an argument
     * @throws UnsupportedOperationException on other systems, or if the C library lacks a function
     * @see <a href="https://man7.org/linux/man-pages/man3/posix_spawn.3.html">posix_spawn(3)</a>
     */
    long spawn(SpawnRequest request) throws PollerException;

    /**
     * Releases a child process that has ended. Does not wait.
     *
     * @param pid a process started by {@link #spawn}
     * @return how it has ended, or null if it is running
     * @throws PollerException ECHILD if there is no such child, for example because it was reaped
     *     before
     * @see <a href="https://man7.org/linux/man-pages/man2/waitpid.2.html">waitpid(2)</a>
     */
    @Nullable ExitStatus reap(long pid) throws PollerException;

    /**
     * Sends a signal to a process or to a process group.
     *
     * @param pid the id of a process, 1 or more, or the negative id of a group
     * @param signal the number of a signal; 0 only checks
     * @throws PollerException ESRCH if there is no such process or group; EPERM if it belongs to
     *     another user; EINVAL if there is no such signal
     * @throws IllegalArgumentException if the id is 0 or -1, which stand for many processes
     * @see <a href="https://man7.org/linux/man-pages/man2/kill.2.html">kill(2)</a>
     */
    void kill(long pid, int signal) throws PollerException;
}
