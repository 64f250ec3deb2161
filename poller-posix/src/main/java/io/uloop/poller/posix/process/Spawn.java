package io.uloop.poller.posix.process;

import io.uloop.poller.PathBytes;
import io.uloop.poller.PollerException;
import io.uloop.poller.SpawnRequest;
import io.uloop.poller.posix.call.Constant;
import io.uloop.poller.posix.call.Libc;
import io.uloop.poller.posix.call.Linux;
import io.uloop.poller.posix.call.Posix;
import io.uloop.poller.posix.call.SixArgumentCall;
import io.uloop.poller.posix.memory.Memory;
import io.uloop.poller.posix.memory.Scratch;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Starts one process by posix_spawn(3). A child of the JVM must not run Java code between fork and
 * exec, so everything that it does there is a file action or an attribute, in this order: it starts
 * a session or joins a group, opens its terminal, which becomes the controlling one because it
 * leads a session without one, moves its descriptors into place, closes all others, and changes its
 * directory.
 *
 * <p>Not thread-safe.
 */
final class Spawn {
    private static final SixArgumentCall POSIX_SPAWNP = SixArgumentCall.find(null, "posix_spawnp");

    private static final int SETPGROUP = 2;
    private static final int SETSIGDEF = 4;
    private static final int SETSIGMASK = 8;
    private static final int SETSID = 0x80;

    /** The set of the signals 1 to 31, which is the first word of a set of signals. */
    private static final long STANDARD_SIGNALS = 0x7fff_ffffL;

    /** More than the size of the structs and of a set of signals in any C library. */
    private static final int STRUCT_BYTES = 1024;

    private static final int FIRST_UNNAMED = 3;

    private final SpawnRequest request;
    private final Memory structs = Memory.allocate(3 * STRUCT_BYTES);
    private final long attributes = structs.address();
    private final long actions = structs.address() + STRUCT_BYTES;
    private final long signals = structs.address() + 2 * STRUCT_BYTES;
    private final List<Integer> copies = new ArrayList<>();
    private final List<CStrings> strings = new ArrayList<>();

    private Spawn(SpawnRequest request) {
        this.request = request;
    }

    static long start(SpawnRequest request) throws PollerException {
        Spawn spawn = new Spawn(request);
        try {
            return spawn.start();
        } catch (UnsatisfiedLinkError e) {
            throw new UnsupportedOperationException(
                    "the C library lacks a function of posix_spawn: " + e.getMessage(), e);
        } finally {
            spawn.free();
        }
    }

    private long start() throws PollerException {
        require(Linux.CALLS.posix_spawnattr_init(attributes));
        require(Linux.CALLS.posix_spawn_file_actions_init(actions));
        try {
            setAttributes();
            addActions();
            return spawn();
        } finally {
            var unused = Linux.CALLS.posix_spawn_file_actions_destroy(actions);
            unused = Linux.CALLS.posix_spawnattr_destroy(attributes);
        }
    }

    /**
     * Unblocks all signals, because a JVM blocks some in its threads. Gives them their default
     * action, because a JVM started in the background ignores those of the keyboard.
     */
    private void setAttributes() throws PollerException {
        require(Linux.CALLS.posix_spawnattr_setsigmask(attributes, signals)); // zeros: none
        structs.view().putLong(2 * STRUCT_BYTES, STANDARD_SIGNALS);
        require(Linux.CALLS.posix_spawnattr_setsigdefault(attributes, signals));
        int flags = SETSIGMASK | SETSIGDEF;
        if (request.terminal() != null) {
            flags |= SETSID;
        } else if (request.group() != SpawnRequest.SAME_GROUP) {
            flags |= SETPGROUP;
            int group = (int) request.group();
            require(Linux.CALLS.posix_spawnattr_setpgroup(attributes, group));
        }
        require(Linux.CALLS.posix_spawnattr_setflags(attributes, flags));
    }

    private void addActions() throws PollerException {
        Path terminal = request.terminal();
        if (terminal != null) {
            require(
                    Linux.CALLS.posix_spawn_file_actions_addopen(
                            actions,
                            0,
                            string(PathBytes.of(terminal)),
                            Constant.O_RDWR.value(),
                            0));
            addDup(0, 1);
            addDup(0, 2);
        }
        int end = addDescriptors();
        addCloseFrom(end);
        Path directory = request.directory();
        if (directory != null) {
            require(
                    Linux.CALLS.posix_spawn_file_actions_addchdir_np(
                            actions, string(PathBytes.of(directory))));
        }
    }

    /**
     * Moves the descriptors into place. Each is copied to a high number first, so that no target is
     * the source of another one. Closes the numbers in between. Returns the first number after
     * them.
     */
    private int addDescriptors() throws PollerException {
        Map<Integer, Integer> descriptors = new TreeMap<>(request.descriptors());
        int end = FIRST_UNNAMED;
        for (int target : descriptors.keySet()) {
            end = Math.max(end, target + 1);
        }
        for (Map.Entry<Integer, Integer> each : descriptors.entrySet()) {
            int copy = Libc.CALLS.fcntl(each.getValue(), Linux.F_DUPFD_CLOEXEC, end);
            if (copy < 0) {
                throw Posix.failure("fcntl", "F_DUPFD_CLOEXEC", each.getValue());
            }
            copies.add(copy);
            addDup(copy, each.getKey());
        }
        for (int fd = FIRST_UNNAMED; fd < end; fd++) {
            if (!descriptors.containsKey(fd)) {
                require(Linux.CALLS.posix_spawn_file_actions_addclose(actions, fd));
            }
        }
        return end;
    }

    private void addDup(int source, int target) throws PollerException {
        require(Linux.CALLS.posix_spawn_file_actions_adddup2(actions, source, target));
    }

    /** Closes what the child must not have, because the JDK opens sockets that it would inherit. */
    private void addCloseFrom(int end) throws PollerException {
        try {
            require(Linux.CALLS.posix_spawn_file_actions_addclosefrom_np(actions, end));
        } catch (UnsatisfiedLinkError e) { // glibc before 2.34, musl
            for (int fd : openDescriptors()) {
                if (fd >= end) {
                    require(Linux.CALLS.posix_spawn_file_actions_addclose(actions, fd));
                }
            }
        }
    }

    /** Returns the open descriptors. Other threads may open more until the child starts. */
    private static int[] openDescriptors() {
        String[] names = new File("/proc/self/fd").list();
        return names == null
                ? new int[0]
                : Arrays.stream(names).mapToInt(Integer::parseInt).toArray();
    }

    private long spawn() throws PollerException {
        CStrings arguments =
                strings(request.command().stream().map(ProgramText::ofArgument).toList());
        CStrings environment =
                strings(
                        request.environment().entrySet().stream()
                                .map(each -> ProgramText.ofVariable(each.getKey(), each.getValue()))
                                .toList());
        Scratch scratch = Scratch.mine();
        int errno =
                (int)
                        POSIX_SPAWNP.call(
                                scratch.address(Scratch.VALUE),
                                arguments.first(),
                                actions,
                                attributes,
                                arguments.address(),
                                environment.address());
        if (errno != 0) {
            throw Posix.failure("posix_spawn", culprit(), -1, errno);
        }
        return scratch.block().getInt(Scratch.VALUE);
    }

    /** Returns what the child has failed for: its directory if that is none, or its program. */
    private String culprit() {
        Path directory = request.directory();
        return directory != null && !Files.isDirectory(directory)
                ? directory.toString()
                : request.command().get(0);
    }

    /** Returns the address of a C string that lasts until {@link #free}. */
    private long string(byte[] bytes) {
        return strings(List.of(bytes)).first();
    }

    private CStrings strings(List<byte[]> list) {
        CStrings result = new CStrings(list);
        strings.add(result);
        return result;
    }

    private void free() {
        for (int copy : copies) {
            var unused = Libc.CALLS.close(copy);
        }
        strings.forEach(CStrings::free);
        structs.free();
    }

    /** These functions return the errno. */
    private static void require(int errno) throws PollerException {
        if (errno != 0) {
            throw Posix.failure("posix_spawn", "preparation", -1, errno);
        }
    }
}
