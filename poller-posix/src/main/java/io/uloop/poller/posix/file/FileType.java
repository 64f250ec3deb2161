package io.uloop.poller.posix.file;

import io.uloop.poller.DescriptorKind;
import io.uloop.poller.PollerException;
import io.uloop.poller.posix.call.Libc;
import io.uloop.poller.posix.call.Posix;
import io.uloop.poller.posix.memory.Scratch;

/** The types of files that fstat(2) and getsockopt(2) tell apart. Thread-safe. */
public final class FileType {
    // The same on every system.
    private static final int S_IFMT = 0xF000;
    private static final int S_IFIFO = 0x1000;
    private static final int S_IFCHR = 0x2000;
    private static final int S_IFDIR = 0x4000;
    private static final int S_IFBLK = 0x6000;
    private static final int S_IFREG = 0x8000;
    private static final int S_IFSOCK = 0xC000;

    private FileType() {}

    /**
     * Looks up the type of a descriptor.
     *
     * @throws PollerException EBADF if it is not open
     */
    public static DescriptorKind.Type of(Libc.Calls libc, int fd) throws PollerException {
        return switch (mode(fd) & S_IFMT) {
            case S_IFIFO -> DescriptorKind.Type.PIPE;
            case S_IFCHR -> DescriptorKind.Type.DEVICE;
            case S_IFDIR -> DescriptorKind.Type.DIRECTORY;
            case S_IFREG, S_IFBLK -> DescriptorKind.Type.FILE;
            case S_IFSOCK ->
                    SocketType.isDatagram(libc, fd)
                            ? DescriptorKind.Type.DATAGRAM_SOCKET
                            : SocketType.isMessageBased(libc, fd)
                                    ? DescriptorKind.Type.OTHER_SOCKET
                                    : DescriptorKind.Type.STREAM_SOCKET;
            default -> DescriptorKind.Type.OTHER;
        };
    }

    /** {@return the st_mode of a descriptor} */
    private static int mode(int fd) throws PollerException {
        Scratch scratch = Scratch.mine();
        if (StatusLayout.fstat(fd, scratch.address(Scratch.VALUE)) < 0) {
            throw Posix.failure("fstat", "", fd);
        }
        return StatusLayout.HERE.mode(scratch.block(), Scratch.VALUE);
    }
}
