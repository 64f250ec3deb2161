package io.uloop.poller.posix.process;

import io.uloop.poller.NativeProcesses;
import io.uloop.poller.PollerException;
import io.uloop.poller.posix.call.Linux;
import java.util.BitSet;

/** The operations on threads and processes by system calls. Thread-safe. */
public final class PosixProcesses implements NativeProcesses {
    /** The only instance. */
    public static final PosixProcesses INSTANCE = new PosixProcesses();

    private PosixProcesses() {}

    @Override
    public void setAffinity(BitSet processors) throws PollerException {
        requireLinux("sched_setaffinity");
        Affinity.set(processors);
    }

    @Override
    public BitSet affinity() throws PollerException {
        requireLinux("sched_getaffinity");
        return Affinity.get();
    }

    private static void requireLinux(String what) {
        if (!Linux.HERE) {
            throw new UnsupportedOperationException(
                    System.getProperty("os.name") + " does not have " + what);
        }
    }
}
