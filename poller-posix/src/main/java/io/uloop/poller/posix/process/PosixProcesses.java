package io.uloop.poller.posix.process;

import io.uloop.poller.Errno;
import io.uloop.poller.ExitStatus;
import io.uloop.poller.NativeProcesses;
import io.uloop.poller.PollerException;
import io.uloop.poller.SpawnRequest;
import io.uloop.poller.posix.call.Libc;
import io.uloop.poller.posix.call.Linux;
import io.uloop.poller.posix.call.Posix;
import io.uloop.poller.posix.memory.Scratch;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/** The operations on threads and processes by system calls. Thread-safe. */
public final class PosixProcesses implements NativeProcesses {
    /** The only instance. */
    public static final PosixProcesses INSTANCE = new PosixProcesses();

    private static final int WNOHANG = 1; // the same on every system

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

    @Override
    public long spawn(SpawnRequest request) throws PollerException {
        requireLinux("posix_spawn with a session");
        return Spawn.start(request);
    }

    @Override
    public @Nullable ExitStatus reap(long pid) throws PollerException {
        if (pid < 1 || pid != (int) pid) { // waitpid(2) would take any child for 0 or -1
            throw new PollerException(
                    "waitpid", "pid=" + pid, -1, Errno.ECHILD, "no process has this id");
        }
        Scratch scratch = Scratch.mine();
        int reaped;
        do {
            reaped = Libc.CALLS.waitpid((int) pid, scratch.address(Scratch.VALUE), WNOHANG);
        } while (reaped < 0 && Posix.errno() == Posix.EINTR);
        if (reaped < 0) {
            throw Posix.failure("waitpid", "pid=" + pid, -1);
        }
        if (reaped == 0) {
            return null;
        }
        // The same on every system: the low 7 bits are the signal, the next byte is the code.
        int status = scratch.block().getInt(Scratch.VALUE);
        int signal = status & 0x7F;
        return new ExitStatus(signal == 0 ? (status >> Byte.SIZE) & 0xFF : 0, signal);
    }

    @Override
    public void kill(long pid, int signal) throws PollerException {
        if (pid == 0 || pid == -1) {
            throw new IllegalArgumentException("the id " + pid + " stands for many processes");
        }
        if (pid != (int) pid) {
            throw new PollerException(
                    "kill", "pid=" + pid, -1, Errno.ESRCH, "process ids are 32-bit numbers");
        }
        if (Libc.CALLS.kill((int) pid, signal) < 0) {
            throw Posix.failure("kill", "pid=" + pid + ", signal=" + signal, -1);
        }
    }

    private static void requireLinux(String what) {
        if (!Linux.HERE) {
            throw new UnsupportedOperationException(
                    System.getProperty("os.name") + " does not have " + what);
        }
    }
}
