package io.uloop.poller.kqueue;

import io.uloop.poller.Errno;
import io.uloop.poller.PollerException;
import io.uloop.poller.kqueue.KqueueCalls.Calls;
import io.uloop.poller.posix.call.Posix;

/**
 * Opens descriptors for processes: each is a kqueue with one filter, which fires when the process
 * ends. The event is never retrieved, so the kqueue stays readable, like a pidfd of Linux.
 */
final class KqueueProcess {
    private KqueueProcess() {}

    /**
     * Opens a process.
     *
     * @return a close-on-exec kqueue
     * @throws PollerException ESRCH if there is no such process, or on the BSDs if it has ended;
     *     EACCES, EMFILE, ENFILE, ENOMEM
     */
    static int open(Calls calls, KqueueAbi abi, long pid) throws PollerException {
        if (pid < 1 || pid != (int) pid) {
            throw new PollerException(
                    "kevent", "pid=" + pid, -1, Errno.ESRCH, "process ids are 32-bit numbers");
        }
        KqueueChanges changes = new KqueueChanges(abi);
        try {
            int kq = KqueueCalls.open(calls, abi);
            try {
                changes.addExit((int) pid);
                changes.submit(calls, kq);
                int errno = changes.errno(0);
                if (errno != 0) {
                    throw Posix.failure("kevent", "ADD EVFILT_PROC, pid=" + pid, -1, errno);
                }
                return kq;
            } catch (PollerException e) {
                calls.close(kq);
                throw e;
            }
        } finally {
            changes.free();
        }
    }
}
