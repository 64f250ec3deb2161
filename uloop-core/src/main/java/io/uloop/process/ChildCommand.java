package io.uloop.process;

import io.uloop.Uloop;
import io.uloop.poller.NativeDescriptors;
import io.uloop.poller.SpawnRequest;
import io.uloop.source.InputHandler;
import io.uloop.source.Pty;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A command that is started as a child process with more than a {@link ProcessBuilder} offers: a
 * controlling terminal, a process group, descriptors and files under any number, and the signal
 * that ends it.
 *
 * <pre>{@code
 * ChildCommand shell = new ChildCommand("sh", "-i").terminal(pty);
 * ChildProcess child = shell.start(loop, (process, status) -> ended(status));
 * }</pre>
 *
 * <p>Native backends on Linux start the child by posix_spawn(3), as a {@link SpawnedProcess}.
 * Elsewhere the JVM starts it, and options that the JVM does not have are rejected.
 *
 * <p>Not thread-safe: call from the loop's thread.
 *
 * @since 0.1
 */
public final class ChildCommand {
    private final ProcessBuilder builder;
    private final Map<Integer, Integer> descriptors = new TreeMap<>();
    private final Map<Integer, ChildFile> files = new TreeMap<>();
    private @Nullable Pty terminal;
    private long group = SpawnRequest.SAME_GROUP;

    /**
     * Creates a command.
     *
     * @param command the program and its arguments
     */
    public ChildCommand(String... command) {
        this(new ProcessBuilder(command));
    }

    /**
     * Creates a command from a builder.
     *
     * @param builder the command with its environment, directory and redirections
     */
    public ChildCommand(ProcessBuilder builder) {
        this.builder = builder;
    }

    /** {@return the builder with the command, its environment, directory and redirections} */
    public ProcessBuilder builder() {
        return builder;
    }

    /**
     * Passes a descriptor of this process to the child, which otherwise has only its standard
     * streams. The descriptor stays open here. Replaces what the child would have under this
     * number.
     *
     * @param fd an open descriptor, such as a socket; make it blocking if the child expects that
     * @param number its number in the child; 0, 1 and 2 are its standard streams
     * @return this
     * @throws IllegalArgumentException if a number is negative
     */
    public ChildCommand inherit(int fd, int number) {
        if (fd < 0 || number < 0) {
            throw new IllegalArgumentException(
                    "descriptor " + fd + " of this process cannot become " + number);
        }
        descriptors.put(number, fd);
        files.remove(number);
        return this;
    }

    /**
     * Opens a file for the child when it is started, and for each start again. Replaces what the
     * child would have under this number.
     *
     * <pre>{@code
     * command.inherit(input, 0, READ)
     *         .inherit(results, 1, WRITE, CREATE, TRUNCATE_EXISTING)
     *         .inherit(log, 2, WRITE, CREATE, APPEND);
     * }</pre>
     *
     * <p>Standard streams can also be redirected by the builder, which works on every backend.
     *
     * @param file the path, relative to the directory of this process
     * @param number its number in the child; 0, 1 and 2 are its standard streams
     * @param options as for {@link NativeDescriptors#open}; no option means READ
     * @return this
     * @throws IllegalArgumentException if the number is negative
     */
    public ChildCommand inherit(Path file, int number, OpenOption... options) {
        if (number < 0) {
            throw new IllegalArgumentException(file + " cannot become descriptor " + number);
        }
        files.put(number, new ChildFile(file, List.of(options)));
        descriptors.remove(number);
        return this;
    }

    /**
     * Gives the child a controlling terminal, which is also its standard input, output and error.
     * It leads a session, so shells have job control and Ctrl-C interrupts the foreground job. When
     * it has started, the terminal's end follows that of its programs, see {@link
     * Pty#releaseSlave}.
     *
     * @param pty the terminal, whose handler receives the output
     * @return this
     */
    public ChildCommand terminal(Pty pty) {
        terminal = Objects.requireNonNull(pty, "pty");
        return this;
    }

    /**
     * Lets the child lead a new process group, to which {@link SpawnedProcess#signalGroup} sends
     * signals. Signals of the keyboard no longer reach it.
     *
     * @return this
     */
    public ChildCommand newGroup() {
        group = 0;
        return this;
    }

    /**
     * Lets the child join a process group of this session.
     *
     * @param id the process id of the group's leader, 1 or more
     * @return this
     * @throws IllegalArgumentException if the id is less than 1
     */
    public ChildCommand joinGroup(long id) {
        if (id < 1) {
            throw new IllegalArgumentException("there is no process group " + id);
        }
        group = id;
        return this;
    }

    /**
     * Starts the child and registers its streams, except those that the builder redirects.
     *
     * @param loop the loop that calls the handlers
     * @param output receives the child's standard output
     * @param errors receives the child's standard error, unless the builder merges the two
     * @param exit called when the child has exited
     * @return the child
     * @throws UnsupportedOperationException if the command has options that this system or backend
     *     does not support
     * @throws IllegalStateException if the loop is closed
     * @throws IOException if the command does not exist or is not executable; EPERM or ESRCH if the
     *     process group does not exist in this session; EBADF if a descriptor is not open; ENOENT,
     *     EACCES and others if a file cannot be opened, with its path; EMFILE, ENFILE, ENOMEM or
     *     ENOSPC. No child is running then, and nothing is left open
     */
    public ChildProcess start(
            Uloop loop, InputHandler output, InputHandler errors, ExitHandler exit)
            throws IOException {
        Objects.requireNonNull(output, "output");
        Objects.requireNonNull(errors, "errors");
        Objects.requireNonNull(exit, "exit");
        loop.checkThread();
        if (!isSpawnable(loop)) {
            requireNoOptions(loop);
            return ChildProcess.start(loop, builder, output, errors, exit);
        }
        return spawn(new HandledStreams(loop, output, errors), exit);
    }

    /**
     * Starts the child and leaves its streams to the program, as {@link ChildProcess#open} does.
     *
     * @param loop the loop of the streams, which calls the handler
     * @param exit called when the child has exited
     * @return the child
     * @throws UnsupportedOperationException as for {@link #start(Uloop, InputHandler, InputHandler,
     *     ExitHandler)}
     * @throws IllegalStateException if the loop is closed
     * @throws IOException as for {@link #start(Uloop, InputHandler, InputHandler, ExitHandler)}
     */
    public ChildProcess open(Uloop loop, ExitHandler exit) throws IOException {
        Objects.requireNonNull(exit, "exit");
        loop.checkThread();
        if (!isSpawnable(loop)) {
            requireNoOptions(loop);
            return ChildProcess.open(loop, builder, exit);
        }
        return spawn(new ChildChannels(loop), exit);
    }

    private ChildProcess spawn(ChildStreams streams, ExitHandler exit) throws IOException {
        Process process = null;
        try {
            try {
                process = spawn(streams);
            } finally {
                streams.closeChildEnds();
            }
            if (terminal != null) {
                terminal.releaseSlave();
            }
        } catch (IOException | RuntimeException e) {
            if (process != null) {
                process.destroyForcibly();
            }
            streams.closeAfter(e);
            throw e;
        }
        return ChildProcess.join(streams, process, exit);
    }

    /**
     * Starts a child that has a terminal, or whose output the builder redirects. Output that is not
     * redirected is discarded.
     *
     * @param loop the loop that calls the handler
     * @param exit called when the child has exited
     * @return the child
     * @throws UnsupportedOperationException as for {@link #start(Uloop, InputHandler, InputHandler,
     *     ExitHandler)}
     * @throws IllegalStateException if the loop is closed
     * @throws IOException as for {@link #start(Uloop, InputHandler, InputHandler, ExitHandler)}
     */
    public ChildProcess start(Uloop loop, ExitHandler exit) throws IOException {
        InputHandler discard =
                new InputHandler() {
                    @Override
                    public void received(ByteBuffer bytes) {}

                    @Override
                    public void ended() {}
                };
        return start(loop, discard, discard, exit);
    }

    private static boolean isSpawnable(Uloop loop) {
        return System.getProperty("os.name").equals("Linux")
                && loop.descriptors() instanceof NativeDescriptors;
    }

    private void requireNoOptions(Uloop loop) {
        if (terminal != null
                || group != SpawnRequest.SAME_GROUP
                || !descriptors.isEmpty()
                || !files.isEmpty()) {
            throw new UnsupportedOperationException(
                    "a terminal, a process group, descriptors and files of a child require a"
                            + " native backend on Linux, not "
                            + loop.provider().name()
                            + " on "
                            + System.getProperty("os.name")
                            + "; redirect its standard streams in the builder");
        }
    }

    private Process spawn(ChildStreams streams) throws IOException {
        NativeDescriptors io = NativeDescriptors.of(streams.loop().provider());
        SpawnedStreams opened = new SpawnedStreams(streams, io, descriptors);
        for (Map.Entry<Integer, ChildFile> each : files.entrySet()) {
            opened.open(each.getKey(), each.getValue());
        }
        if (terminal == null) {
            opened.openStandardStreams(builder);
        }
        Path directory =
                builder.directory() == null ? null : Path.of(builder.directory().getPath());
        SpawnRequest request =
                new SpawnRequest(
                        builder.command(),
                        new HashMap<>(builder.environment()), // two names can be decoded alike
                        directory,
                        terminal == null ? null : terminal.slave(),
                        group,
                        opened.descriptors());
        return SpawnedProcess.start(io.processes(), request);
    }

    @Override
    public String toString() {
        return "ChildCommand" + Arrays.toString(builder.command().toArray());
    }
}
