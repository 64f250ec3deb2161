package io.uloop.poller.posix.socket;

import io.uloop.poller.Errno;
import io.uloop.poller.PeerCredentials;
import io.uloop.poller.PollerException;
import io.uloop.poller.posix.call.Constant;
import io.uloop.poller.posix.call.Libc;
import io.uloop.poller.posix.call.OperatingSystem;
import io.uloop.poller.posix.call.Posix;
import io.uloop.poller.posix.memory.Scratch;
import java.nio.ByteBuffer;

/**
 * Reads the credentials of a unix-domain peer with getsockopt(2).
 *
 * <pre>
 * Linux      SO_PEERCRED     { pid_t pid; uid_t uid; gid_t gid; }
 * OpenBSD    SO_PEERCRED     { uid_t uid; gid_t gid; pid_t pid; }
 * others     LOCAL_PEERCRED  { u_int version; uid_t uid; short ngroups; gid_t groups[16]; }
 *            FreeBSD 13 and later: and pid_t pid@80
 * macOS      LOCAL_PEERPID   pid_t
 * </pre>
 */
public final class PeerCredentialOptions {
    private static final int SOL_SOCKET = Constant.SOL_SOCKET.value();
    private static final int SO_PEERCRED =
            number(OperatingSystem.HERE, System.getProperty("os.arch"));
    private static final int SOL_LOCAL = 0;
    private static final int LOCAL_PEERCRED = 1;
    private static final int LOCAL_PEERPID = 2;

    private static final int XUCRED_UID = 4;
    private static final int XUCRED_GROUPS = 12;
    private static final int XUCRED_PID = 80;
    private static final int XUCRED_BYTES = 88;
    private static final int NOBODY = -1;
    private static final int NONE = 0;

    private final Libc.Calls libc;
    private final Sockets sockets;

    public PeerCredentialOptions(Libc.Calls libc, Sockets sockets) {
        this.libc = libc;
        this.sockets = sockets;
    }

    /** {@return the number of SO_PEERCRED, or NONE} */
    private static int number(OperatingSystem system, String architecture) {
        return switch (system) {
            case LINUX -> architecture.startsWith("ppc") ? 21 : 17;
            case LINUX_ON_MIPS -> 18;
            case OPENBSD -> 4130;
            default -> NONE;
        };
    }

    public PeerCredentials of(int fd) throws PollerException {
        if (sockets.family(fd, "getsockopt") != SocketAddresses.AF_UNIX) {
            throw new PollerException(
                    "getsockopt",
                    "SO_PEERCRED",
                    fd,
                    Errno.EOPNOTSUPP,
                    "only unix-domain sockets know the credentials of their peer");
        }
        return SO_PEERCRED != NONE ? ofThreeNumbers(fd) : ofXucred(fd);
    }

    private PeerCredentials ofThreeNumbers(int fd) throws PollerException {
        int at = Scratch.VALUE;
        ByteBuffer block = get(fd, SOL_SOCKET, SO_PEERCRED, 3 * Integer.BYTES);
        int first = block.getInt(at);
        int second = block.getInt(at + Integer.BYTES);
        int third = block.getInt(at + 2 * Integer.BYTES);
        boolean bsd = OperatingSystem.HERE.isBsd();
        return bsd ? credentials(fd, third, first, second) : credentials(fd, first, second, third);
    }

    private PeerCredentials ofXucred(int fd) throws PollerException {
        ByteBuffer block = get(fd, SOL_LOCAL, LOCAL_PEERCRED, XUCRED_BYTES);
        int uid = block.getInt(Scratch.VALUE + XUCRED_UID);
        int gid = block.getInt(Scratch.VALUE + XUCRED_GROUPS);
        boolean hasPid = block.getInt(Scratch.LENGTH) == XUCRED_BYTES;
        int pid = hasPid ? block.getInt(Scratch.VALUE + XUCRED_PID) : 0;
        if (OperatingSystem.HERE == OperatingSystem.DARWIN) {
            pid = get(fd, SOL_LOCAL, LOCAL_PEERPID, Integer.BYTES).getInt(Scratch.VALUE);
        }
        return credentials(fd, pid, uid, gid);
    }

    private static PeerCredentials credentials(int fd, int pid, int uid, int gid)
            throws PollerException {
        if (pid == 0 && uid == NOBODY) { // Linux has no error for this
            throw new PollerException(
                    "getsockopt", "SO_PEERCRED", fd, Errno.ENOTCONN, "the socket has no peer");
        }
        return new PeerCredentials(
                pid == 0 ? -1 : pid, Integer.toUnsignedLong(uid), Integer.toUnsignedLong(gid));
    }

    /** Reads an option into the scratch block. */
    private ByteBuffer get(int fd, int level, int option, int bytes) throws PollerException {
        Scratch scratch = Scratch.mine();
        ByteBuffer block = scratch.block().putInt(Scratch.LENGTH, bytes);
        long value = scratch.address(Scratch.VALUE);
        long length = scratch.address(Scratch.LENGTH);
        if (libc.getsockopt(fd, level, option, value, length) < 0) {
            throw Posix.failure("getsockopt", "SO_PEERCRED", fd);
        }
        return block;
    }
}
