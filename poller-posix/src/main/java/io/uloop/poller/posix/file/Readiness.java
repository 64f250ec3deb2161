package io.uloop.poller.posix.file;

import io.uloop.poller.UEvent;
import io.uloop.poller.posix.call.Libc;
import io.uloop.poller.posix.call.Posix;
import io.uloop.poller.posix.memory.Pollfd;
import io.uloop.poller.posix.memory.Scratch;

/** Asks the kernel for the state of one descriptor, without waiting. Thread-safe. */
public final class Readiness {
    private Readiness() {}

    /**
     * Returns the events of a descriptor.
     *
     * @param interest bits of {@link UEvent}; ERR, HUP and NVAL are always reported
     * @return bits of {@link UEvent}; -1 with errno set if the call failed
     */
    public static int of(Libc.Calls libc, int fd, int interest) {
        Scratch scratch = Scratch.mine();
        Pollfd.put(scratch.block(), Scratch.VALUE, fd, interest);
        int ready;
        do {
            ready = libc.poll(scratch.address(Scratch.VALUE), 1, 0);
        } while (ready < 0 && Posix.errno() == Posix.EINTR);
        return ready < 0 ? ready : Pollfd.reported(scratch.block(), Scratch.VALUE);
    }
}
