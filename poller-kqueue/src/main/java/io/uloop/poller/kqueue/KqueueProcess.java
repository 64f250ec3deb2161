package io.uloop.poller.kqueue;

import io.uloop.poller.PollerException;
import io.uloop.poller.posix.Posix;
import java.io.IOException;

/**
 * A process as a descriptor: a kqueue of its own whose one filter fires when the process ends.
 * Nobody takes that event, so the kqueue is readable from then on, as a pidfd of Linux is.
 */
final class KqueueProcess {
    private KqueueProcess() {}

    /**
     * Opens a process.
     *
     * @return a kqueue that is closed on exec
     * @throws IOException ESRCH if there is none, or it has ended, as the BSDs say; EACCES, EMFILE,
     *     ENFILE, ENOMEM
     */
    static int open(KqueueNative.Calls calls, KqueueAbi abi, long pid) throws IOException {
        if (pid < 1 || pid != (int) pid) {
            throw new PollerException(
                    "kevent", "pid=" + pid, -1, "ESRCH", "no system has such a process id");
        }
        KqueueChanges changes = new KqueueChanges(abi);
        try {
            int kq = KqueueNative.open(calls, abi);
            try {
                changes.addExit((int) pid);
                changes.submit(calls, kq);
                int errno = changes.errno(0);
                if (errno != 0) {
                    throw Posix.failure("kevent", "ADD EVFILT_PROC, pid=" + pid, -1, errno);
                }
                return kq;
            } catch (IOException e) {
                calls.close(kq);
                throw e;
            }
        } finally {
            changes.free();
        }
    }
}
