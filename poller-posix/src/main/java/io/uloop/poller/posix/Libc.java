package io.uloop.poller.posix;

import jnr.ffi.annotations.Variadic;

/** The POSIX calls, by their manual names; addresses and sizes are {@code long}. */
final class Libc {
    /** Bound once per process. */
    static final Calls CALLS = Posix.bind(Calls.class);

    private Libc() {}

    /**
     * Public for JNR's stubs alone. Variadic calls are marked: some ABIs, Apple's arm64 for one,
     * pass their last arguments differently.
     */
    public interface Calls {
        int getpid();

        int close(int fd);

        long read(int fd, long buffer, long count);

        long write(int fd, long buffer, long count);

        @Variadic(fixedCount = 2)
        int fcntl(int fd, int command, int argument);

        long calloc(long count, long size);

        void free(long address);
    }
}
