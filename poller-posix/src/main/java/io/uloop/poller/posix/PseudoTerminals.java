package io.uloop.poller.posix;

import java.io.IOException;

/** Makes pairs of a terminal and what drives it. */
final class PseudoTerminals {
    private static final int TCSANOW = 0; // on every system

    private final Libc.Calls libc;
    private final Opener opener;
    private final boolean linux;

    PseudoTerminals(Libc.Calls libc, Opener opener, boolean linux) {
        this.libc = libc;
        this.opener = opener;
        this.linux = linux;
    }

    /** The master and the slave, which is raw and nobody's controlling terminal. */
    int[] open() throws IOException {
        int master = openMaster();
        try {
            if (!linux) {
                opener.prepare(master);
            }
            require(libc.grantpt(master), "grantpt", master);
            require(libc.unlockpt(master), "unlockpt", master);
            return new int[] {master, openSlave(master)};
        } catch (IOException e) {
            libc.close(master);
            throw e;
        }
    }

    private int openMaster() throws IOException {
        int flags = Opener.O_RDWR | Opener.O_NOCTTY;
        int master = libc.posix_openpt(linux ? flags | Opener.FLAGS : flags);
        require(master, "posix_openpt", -1);
        return master;
    }

    private int openSlave(int master) throws IOException {
        int slave = linux ? openNamed(master) : openShared(master);
        try {
            makeRaw(slave);
            return slave;
        } catch (IOException e) {
            libc.close(slave);
            throw e;
        }
    }

    private int openNamed(int master) throws IOException {
        long name = Scratch.mine().address(Scratch.VALUE);
        int errno = Linux.CALLS.ptsname_r(master, name, Scratch.VALUE_BYTES);
        if (errno != 0) {
            throw Posix.failure("ptsname_r", "", master, errno);
        }
        return openDevice(name, master);
    }

    /** Where the name is in memory that all threads share. */
    private int openShared(int master) throws IOException {
        synchronized (PseudoTerminals.class) {
            long name = libc.ptsname(master);
            if (name == 0) {
                throw Posix.failure("ptsname", "", master);
            }
            return openDevice(name, master);
        }
    }

    private int openDevice(long name, int master) throws IOException {
        int slave;
        do {
            slave = libc.open(name, Opener.O_RDWR | Opener.O_NOCTTY | Opener.FLAGS, 0);
        } while (slave < 0 && Posix.errno() == Posix.EINTR);
        require(slave, "open", master);
        return slave;
    }

    /** Bytes pass as they are, and are not echoed. {@code struct termios} is for C to know. */
    private void makeRaw(int slave) throws IOException {
        long termios = Scratch.mine().address(Scratch.VALUE);
        require(libc.tcgetattr(slave, termios), "tcgetattr", slave);
        libc.cfmakeraw(termios);
        require(libc.tcsetattr(slave, TCSANOW, termios), "tcsetattr", slave);
    }

    private static void require(int result, String syscall, int fd) throws IOException {
        if (result < 0) {
            throw Posix.failure(syscall, "", fd);
        }
    }
}
