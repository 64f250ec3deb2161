package io.uloop.poller.posix;

import io.uloop.poller.DatagramAddress;
import io.uloop.poller.DatagramBatch;
import io.uloop.poller.DatagramError;
import io.uloop.poller.DatagramInfo;
import io.uloop.poller.DescriptorKind;
import io.uloop.poller.MulticastChange;
import io.uloop.poller.NativeDescriptors;
import io.uloop.poller.NativeProcesses;
import io.uloop.poller.NativeTerminals;
import io.uloop.poller.PeerCredentials;
import io.uloop.poller.PollerException;
import io.uloop.poller.UEvent;
import io.uloop.poller.posix.call.Constant;
import io.uloop.poller.posix.call.Libc;
import io.uloop.poller.posix.call.Linux;
import io.uloop.poller.posix.call.Posix;
import io.uloop.poller.posix.file.JdkChannels;
import io.uloop.poller.posix.file.LinuxFiles;
import io.uloop.poller.posix.file.Opener;
import io.uloop.poller.posix.file.SocketType;
import io.uloop.poller.posix.file.Transfers;
import io.uloop.poller.posix.file.VectorTransfers;
import io.uloop.poller.posix.process.PosixProcesses;
import io.uloop.poller.posix.socket.RawOptions;
import io.uloop.poller.posix.socket.SocketOptions;
import io.uloop.poller.posix.socket.Sockets;
import io.uloop.poller.spi.ActivityCounts;
import io.uloop.poller.spi.CloseCounts;
import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SelectableChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The descriptor operations shared by the native backends. Counts closes and activity for the whole
 * process. Thread-safe.
 */
public final class PosixDescriptors implements NativeDescriptors {
    /** The shared instance. A backend with its own {@link #pidfd} derives from it. */
    public static final PosixDescriptors INSTANCE = new PosixDescriptors(Libc.CALLS, Linux.HERE);

    private static final int F_GETFD = Constant.F_GETFD.value();
    private static final int F_GETFL = Constant.F_GETFL.value();
    private static final int O_ACCMODE = Constant.O_ACCMODE.value();
    private static final int O_RDONLY = Constant.O_RDONLY.value();
    private static final int O_WRONLY = Constant.O_WRONLY.value();
    private static final int MANY = 1 << 16;

    private final CloseCounts closeCounts;
    private final ActivityCounts activity;
    private final @Nullable ProcessOpener processes;
    private final Libc.Calls libc;
    private final Opener opener;
    private final Sockets sockets;
    private final Transfers transfers;
    private final VectorTransfers vectors;
    private final SocketOptions options;
    private final RawOptions rawOptions;
    private final boolean linux;

    /** Null until used. Threads that race create several, which are alike. */
    private @Nullable DatagramOperations datagramOperations;

    /** As {@link #datagramOperations}. */
    private @Nullable RareOperations rareOperations;

    /** Opens processes as descriptors. */
    @FunctionalInterface
    public interface ProcessOpener {
        /**
         * Opens a descriptor for a process.
         *
         * @param pid the process id, which may be any number
         * @return a close-on-exec descriptor that becomes readable when the process has ended
         * @throws PollerException ESRCH if there is no such process
         */
        int open(long pid) throws PollerException;
    }

    /**
     * @param linux whether to use calls that only Linux has
     */
    PosixDescriptors(Libc.Calls libc, boolean linux) {
        this(
                libc,
                linux,
                new CloseCounts(),
                new ActivityCounts(),
                linux ? LinuxFiles::pidfd : null);
    }

    private PosixDescriptors(
            Libc.Calls libc,
            boolean linux,
            CloseCounts closeCounts,
            ActivityCounts activity,
            @Nullable ProcessOpener processes) {
        this.libc = libc;
        this.closeCounts = closeCounts;
        this.activity = activity;
        this.processes = processes;
        opener = new Opener(libc, Linux.CALLS, linux);
        sockets = new Sockets(libc, opener, activity);
        transfers = new Transfers(libc, activity);
        vectors = new VectorTransfers(libc, activity);
        options = new SocketOptions(libc, sockets);
        rawOptions = new RawOptions(libc);
        this.linux = linux;
    }

    /**
     * Returns an instance with the same counts but a different {@link #pidfd}.
     *
     * @param processes opens process descriptors
     * @return a new instance
     */
    public PosixDescriptors withProcesses(ProcessOpener processes) {
        return new PosixDescriptors(libc, linux, closeCounts, activity, processes);
    }

    /**
     * Returns whether a descriptor is open, by one system call. On Linux it is a dup2(2) to itself,
     * which changes nothing: JNR allocates for each call of fcntl(2), because that is variadic.
     *
     * @param fd any number
     * @return false after EBADF
     */
    public boolean isOpen(int fd) {
        return (linux ? Linux.CALLS.dup2(fd, fd) : libc.fcntl(fd, F_GETFD, 0)) >= 0;
    }

    @Override
    public int directions(int fd) throws PollerException {
        int flags = libc.fcntl(fd, F_GETFL, 0);
        if (flags < 0) {
            throw Posix.failure("fcntl", "F_GETFL", fd);
        }
        int mode = flags & O_ACCMODE;
        return mode == O_RDONLY
                ? UEvent.IN
                : mode == O_WRONLY ? UEvent.OUT : UEvent.IN | UEvent.OUT;
    }

    @Override
    public int fileno(SelectableChannel channel) throws PollerException {
        return JdkChannels.fileno(channel);
    }

    @Override
    public DescriptorKind kind(int fd) throws PollerException {
        return sockets.kind(fd);
    }

    @Override
    public boolean isBlocking(int fd) throws PollerException {
        return opener.isBlocking(fd);
    }

    @Override
    public void setBlocking(int fd, boolean blocking) throws PollerException {
        opener.setBlocking(fd, blocking);
    }

    @Override
    public void setCloseOnExec(int fd, boolean close) throws PollerException {
        opener.setCloseOnExec(fd, close);
    }

    @Override
    public int openListener(ProtocolFamily family) throws PollerException {
        return sockets.open(family, SocketType.STREAM);
    }

    @Override
    public int openStream(ProtocolFamily family) throws PollerException {
        return sockets.open(family, SocketType.STREAM);
    }

    @Override
    public int openDatagram(ProtocolFamily family) throws PollerException {
        return sockets.open(family, SocketType.DATAGRAM);
    }

    @Override
    public void bind(int fd, SocketAddress local) throws PollerException {
        sockets.bind(fd, local);
    }

    @Override
    public void listen(int fd, SocketAddress local, int backlog) throws PollerException {
        sockets.listen(fd, local, backlog);
    }

    @Override
    public int accept(int fd) throws PollerException {
        return sockets.accept(fd);
    }

    @Override
    public boolean connect(int fd, SocketAddress remote) throws PollerException {
        return sockets.connect(fd, remote);
    }

    @Override
    public boolean finishConnect(int fd) throws PollerException {
        return sockets.finishConnect(fd);
    }

    @Override
    public int read(int fd, ByteBuffer target) throws PollerException {
        return transfers.read(fd, target);
    }

    @Override
    public long read(int fd, ByteBuffer[] targets, int offset, int length) throws PollerException {
        return vectors.read(fd, targets, offset, length);
    }

    @Override
    public int write(int fd, ByteBuffer source) throws PollerException {
        return transfers.write(fd, source);
    }

    @Override
    public long write(int fd, ByteBuffer[] sources, int offset, int length) throws PollerException {
        return vectors.write(fd, sources, offset, length);
    }

    @Override
    public long transfer(FileChannel source, long position, long count, int fd) throws IOException {
        return rare().files.transfer(source, position, count, fd);
    }

    @Override
    public int sendDescriptors(int fd, ByteBuffer source, int... descriptors)
            throws PollerException {
        return rare().passing.send(fd, source, descriptors);
    }

    @Override
    public int receiveDescriptors(int fd, ByteBuffer target, int[] descriptors)
            throws PollerException {
        return rare().passing.receive(fd, target, descriptors);
    }

    @Override
    public void disconnect(int fd) throws PollerException {
        sockets.disconnect(fd);
    }

    @Override
    public void multicast(
            int fd,
            MulticastChange change,
            InetAddress group,
            NetworkInterface link,
            @Nullable InetAddress source)
            throws PollerException {
        ofDatagrams().memberships.change(fd, change, group, link, source);
    }

    @Override
    public @Nullable SocketAddress receive(int fd, ByteBuffer target) throws PollerException {
        DatagramAddress sender = new DatagramAddress();
        int moved = ofDatagrams().datagrams.receive(fd, target, sender);
        return moved == NONE ? null : sender.toSocketAddress();
    }

    @Override
    public int receive(int fd, ByteBuffer target, DatagramAddress sender) throws PollerException {
        return ofDatagrams().datagrams.receive(fd, target, sender);
    }

    @Override
    public int receive(int fd, ByteBuffer target, DatagramInfo info) throws PollerException {
        return ofDatagrams().messages.receive(fd, target, info);
    }

    @Override
    public int send(int fd, ByteBuffer source, DatagramInfo info) throws PollerException {
        return ofDatagrams().messages.send(fd, source, info);
    }

    @Override
    public int receiveError(int fd, ByteBuffer target, DatagramError error) throws PollerException {
        requireLinux("IP_RECVERR");
        return ofDatagrams().messages.receiveError(fd, target, error);
    }

    @Override
    public int receive(int fd, DatagramBatch batch) throws PollerException {
        return linux
                ? ofDatagrams().batches.receive(fd, batch)
                : NativeDescriptors.super.receive(fd, batch);
    }

    @Override
    public int send(int fd, ByteBuffer source, SocketAddress target) throws PollerException {
        return ofDatagrams().datagrams.send(fd, source, new DatagramAddress(target));
    }

    @Override
    public int send(int fd, ByteBuffer source, DatagramAddress target) throws PollerException {
        return ofDatagrams().datagrams.send(fd, source, target);
    }

    @Override
    public int send(int fd, DatagramBatch batch, int from, int count) throws PollerException {
        return linux
                ? ofDatagrams().batches.send(fd, batch, from, count)
                : NativeDescriptors.super.send(fd, batch, from, count);
    }

    @Override
    public void shutdownInput(int fd) throws PollerException {
        sockets.shutdown(fd, Sockets.INPUT);
    }

    @Override
    public void shutdownOutput(int fd) throws PollerException {
        sockets.shutdown(fd, Sockets.OUTPUT);
    }

    @Override
    public void close(int fd) throws PollerException {
        Posix.requireDescriptor("close", fd);
        if (fd >= MANY && !isOpen(fd)) { // must not grow the counts for an arbitrary number
            throw Posix.failure("close", "", fd);
        }
        closeCounts.increment(fd);
        transfers.forget(fd);
        // Never repeated after EINTR: the number is already free and may belong to another thread's
        // file.
        if (libc.close(fd) < 0 && Posix.errno() != Posix.EINTR) {
            throw Posix.failure("close", "", fd);
        }
    }

    @Override
    public int activity(int fd) {
        return activity.count(fd);
    }

    @Override
    public int closes(int fd) {
        return closeCounts.count(fd);
    }

    @Override
    public <T> void setOption(int fd, SocketOption<T> option, T value) throws PollerException {
        options.set(fd, option, value);
    }

    @Override
    public <T> @Nullable T option(int fd, SocketOption<T> option) throws PollerException {
        return options.get(fd, option);
    }

    @Override
    public void setOption(int fd, int level, int name, ByteBuffer value) throws PollerException {
        rawOptions.set(fd, level, name, value);
    }

    @Override
    public int option(int fd, int level, int name, ByteBuffer target) throws PollerException {
        return rawOptions.get(fd, level, name, target);
    }

    @Override
    public @Nullable PollerException takeError(int fd) throws PollerException {
        return rawOptions.takeError(fd);
    }

    @Override
    public int peek(int fd, ByteBuffer target) throws PollerException {
        return rare().flagged.peek(fd, target);
    }

    @Override
    public int writeMore(int fd, ByteBuffer source) throws PollerException {
        requireLinux("MSG_MORE");
        return rare().flagged.writeMore(fd, source);
    }

    @Override
    public boolean sendUrgent(int fd, byte value) throws PollerException {
        return rare().flagged.sendUrgent(fd, value);
    }

    @Override
    public int receiveUrgent(int fd) throws PollerException {
        return rare().flagged.receiveUrgent(fd);
    }

    @Override
    public Set<SocketOption<?>> supportedOptions(int fd) throws PollerException {
        return options.supported(fd);
    }

    @Override
    public @Nullable SocketAddress localAddress(int fd) throws PollerException {
        return sockets.localAddress(fd);
    }

    @Override
    public @Nullable SocketAddress remoteAddress(int fd) throws PollerException {
        return sockets.remoteAddress(fd);
    }

    @Override
    public Pipe pipe() throws PollerException {
        return opener.pipe();
    }

    @Override
    public SocketPair socketPair() throws PollerException {
        return sockets.openPair();
    }

    @Override
    public SocketPair datagramPair() throws PollerException {
        return sockets.openDatagramPair();
    }

    @Override
    public PeerCredentials peerCredentials(int fd) throws PollerException {
        return rare().peers.of(fd);
    }

    @Override
    public int open(Path path, OpenOption... options) throws PollerException {
        return opener.open(path, options);
    }

    @Override
    public int dup(int fd) throws PollerException {
        Posix.requireDescriptor("dup", fd);
        return opener.dup(fd);
    }

    @Override
    public Pty pty() throws PollerException {
        return rare().pseudoTerminals.open();
    }

    @Override
    public Path ptsname(int master) throws PollerException {
        Posix.requireDescriptor("ptsname", master);
        return rare().pseudoTerminals.slavePath(master);
    }

    @Override
    public int eventfd(int initial) throws PollerException {
        requireLinux("eventfd");
        return LinuxFiles.eventfd(initial);
    }

    @Override
    public int timerfd() throws PollerException {
        requireLinux("timerfd");
        return LinuxFiles.timerfd();
    }

    @Override
    public int inotify() throws PollerException {
        requireLinux("inotify");
        return LinuxFiles.inotify();
    }

    @Override
    public int watch(int fd, Path path, int mask) throws PollerException {
        requireLinux("inotify");
        return LinuxFiles.watch(fd, path, mask);
    }

    @Override
    public void unwatch(int fd, int watch) throws PollerException {
        requireLinux("inotify");
        LinuxFiles.unwatch(fd, watch);
    }

    @Override
    public int pidfd(long pid) throws PollerException {
        if (processes == null) {
            throw unsupported("pidfd");
        }
        return processes.open(pid);
    }

    @Override
    public void setTimer(int fd, long initialNanos, long intervalNanos) throws PollerException {
        requireLinux("timerfd");
        LinuxFiles.setTimer(fd, initialNanos, intervalNanos);
    }

    @Override
    public NativeTerminals terminals() {
        return rare().terminals;
    }

    @Override
    public NativeProcesses processes() {
        return PosixProcesses.INSTANCE;
    }

    private DatagramOperations ofDatagrams() {
        DatagramOperations known = datagramOperations;
        if (known == null) {
            known = new DatagramOperations(this::sendSingly, libc, sockets, activity);
            datagramOperations = known;
        }
        return known;
    }

    private RareOperations rare() {
        RareOperations known = rareOperations;
        if (known == null) {
            known = new RareOperations(libc, linux, opener, sockets, transfers, activity);
            rareOperations = known;
        }
        return known;
    }

    private int sendSingly(int fd, DatagramBatch batch, int from, int count)
            throws PollerException {
        return NativeDescriptors.super.send(fd, batch, from, count);
    }

    private void requireLinux(String what) {
        if (!linux) {
            throw unsupported(what);
        }
    }

    private static UnsupportedOperationException unsupported(String what) {
        return new UnsupportedOperationException(
                System.getProperty("os.name") + " does not have " + what);
    }
}
