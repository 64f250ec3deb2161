package io.uloop.poller.posix.file;

import io.uloop.poller.NativeDescriptors;
import io.uloop.poller.PathBytes;
import io.uloop.poller.PollerException;
import io.uloop.poller.posix.call.Libc;
import io.uloop.poller.posix.call.Linux;
import io.uloop.poller.posix.call.Posix;
import io.uloop.poller.posix.memory.Scratch;
import java.nio.file.Path;

/** Opens pseudo-terminals. */
public final class PseudoTerminals {
    private static final int TCSANOW = 0; // the same on every system

    private final Libc.Calls libc;
    private final Opener opener;
    private final boolean linux;

    public PseudoTerminals(Libc.Calls libc, Opener opener, boolean linux) {
        this.libc = libc;
        this.opener = opener;
        this.linux = linux;
    }

    /** Opens the master and a slave in raw mode that is no process's controlling terminal. */
    public NativeDescriptors.Pty open() throws PollerException {
        int master = openMaster();
        try {
            if (!linux) {
                opener.prepare(master);
            }
            require(libc.grantpt(master), "grantpt", master);
            require(libc.unlockpt(master), "unlockpt", master);
            return new NativeDescriptors.Pty(master, openSlave(master));
        } catch (PollerException e) {
            libc.close(master);
            throw e;
        }
    }

    public Path slavePath(int master) throws PollerException {
        synchronized (PseudoTerminals.class) {
            return PathBytes.toPath(Posix.string(slaveName(master)));
        }
    }

    private int openMaster() throws PollerException {
        int flags = Opener.O_RDWR | Opener.O_NOCTTY;
        int master = libc.posix_openpt(linux ? flags | Opener.FLAGS : flags);
        require(master, "posix_openpt", -1);
        return master;
    }

    private int openSlave(int master) throws PollerException {
        int slave = openDevice(master);
        try {
            makeRaw(slave);
            return slave;
        } catch (PollerException e) {
            libc.close(slave);
            throw e;
        }
    }

    private int openDevice(int master) throws PollerException {
        synchronized (PseudoTerminals.class) {
            long name = slaveName(master);
            int slave;
            do {
                slave = libc.open(name, Opener.O_RDWR | Opener.O_NOCTTY | Opener.FLAGS, 0);
            } while (slave < 0 && Posix.errno() == Posix.EINTR);
            require(slave, "open", master);
            return slave;
        }
    }

    /** Returns the address of a C string. Outside Linux all threads share its memory. */
    private long slaveName(int master) throws PollerException {
        if (!linux) {
            long name = libc.ptsname(master);
            if (name == 0) {
                throw Posix.failure("ptsname", "", master);
            }
            return name;
        }
        long name = Scratch.mine().address(Scratch.VALUE);
        int errno = Linux.CALLS.ptsname_r(master, name, Scratch.VALUE_BYTES);
        if (errno != 0) {
            throw Posix.failure("ptsname_r", "", master, errno);
        }
        return name;
    }

    /**
     * Sets raw mode, so that bytes pass unchanged and are not echoed. {@code struct termios} is
     * opaque here.
     */
    private void makeRaw(int slave) throws PollerException {
        long termios = Scratch.mine().address(Scratch.VALUE);
        require(libc.tcgetattr(slave, termios), "tcgetattr", slave);
        libc.cfmakeraw(termios);
        require(libc.tcsetattr(slave, TCSANOW, termios), "tcsetattr", slave);
    }

    private static void require(int result, String syscall, int fd) throws PollerException {
        if (result < 0) {
            throw Posix.failure(syscall, "", fd);
        }
    }
}
