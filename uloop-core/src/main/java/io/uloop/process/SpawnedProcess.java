package io.uloop.process;

import io.uloop.poller.Errno;
import io.uloop.poller.ExitStatus;
import io.uloop.poller.NativeProcesses;
import io.uloop.poller.PollerException;
import io.uloop.poller.SpawnRequest;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A child process that was started without the JVM, see {@link ChildCommand}. It can be sent any
 * signal, and reports the signal that has ended it. Its streams here are empty, because the loop or
 * a terminal has them.
 *
 * <p>Thread-safe.
 *
 * @since 0.1
 */
public final class SpawnedProcess extends Process {
    /** Reported if other code has reaped the process. */
    private static final ExitStatus UNKNOWN = new ExitStatus(-1, 0);

    private static final long SHORTEST_LOOK_MILLIS = 1;
    private static final long LONGEST_LOOK_MILLIS = 32;

    /** Those that have not been reaped, so that the next start reaps those that nobody awaits. */
    private static final Set<SpawnedProcess> UNREAPED = new LinkedHashSet<>();

    private final NativeProcesses system;
    private final long pid;
    private @Nullable ExitStatus status; // guarded by this

    private SpawnedProcess(NativeProcesses system, long pid) {
        this.system = system;
        this.pid = pid;
    }

    /** Starts a process. */
    static SpawnedProcess start(NativeProcesses system, SpawnRequest request)
            throws PollerException {
        List<SpawnedProcess> earlier;
        synchronized (UNREAPED) {
            earlier = new ArrayList<>(UNREAPED);
        }
        earlier.forEach(SpawnedProcess::isAlive);
        SpawnedProcess process = new SpawnedProcess(system, system.spawn(request));
        synchronized (UNREAPED) {
            UNREAPED.add(process);
        }
        return process;
    }

    /** {@return how the process has ended, or null if it is running} */
    private synchronized @Nullable ExitStatus status() {
        if (status == null) {
            try {
                status = system.reap(pid);
            } catch (PollerException e) {
                status = UNKNOWN;
            }
            if (status != null) {
                synchronized (UNREAPED) {
                    UNREAPED.remove(this);
                }
            }
        }
        return status;
    }

    /**
     * Returns the signal that has ended the process.
     *
     * @return its name without SIG, such as {@code "TERM"}; null if the process is running or has
     *     exited
     */
    public @Nullable String endSignal() {
        ExitStatus ended = status();
        return ended == null || ended.signal() == 0 ? null : SignalNumbers.name(ended.signal());
    }

    /**
     * Sends a signal to the process. Does nothing if it has ended.
     *
     * @param name for example {@code "TERM"} or {@code "SIGTERM"}, or a number
     * @throws IllegalArgumentException if the signal does not exist
     * @throws IOException EPERM if the process has become another user's
     */
    public void signal(String name) throws IOException {
        int number = SignalNumbers.number(name);
        synchronized (this) { // which keeps its id until it is reaped
            if (status() == null) {
                system.kill(pid, number);
            }
        }
    }

    /**
     * Sends a signal to the process group that the process leads. Members may outlive it. Does
     * nothing if there are none.
     *
     * @param name for example {@code "TERM"} or {@code "SIGTERM"}, or a number
     * @throws IllegalArgumentException if the signal does not exist
     * @throws IOException EPERM if all members belong to other users
     */
    public void signalGroup(String name) throws IOException {
        try {
            system.kill(-pid, SignalNumbers.number(name));
        } catch (PollerException e) {
            if (e.errno() != Errno.ESRCH) {
                throw e;
            }
        }
    }

    @Override
    public long pid() {
        return pid;
    }

    @Override
    public boolean isAlive() {
        return status() == null;
    }

    /**
     * {@return the value passed to exit(3), 128 + n if signal n has ended the process, or -1 if
     * other code has taken its status}
     *
     * @throws IllegalThreadStateException if the process is running
     */
    @Override
    public int exitValue() {
        ExitStatus ended = status();
        if (ended == null) {
            throw new IllegalThreadStateException("process " + pid + " has not exited");
        }
        return ended.combined();
    }

    /** Blocks this thread. Use {@link Exits} on a loop's thread. */
    @Override
    public int waitFor() throws InterruptedException {
        long pause = SHORTEST_LOOK_MILLIS;
        while (isAlive()) {
            TimeUnit.MILLISECONDS.sleep(pause);
            pause = Math.min(pause * 2, LONGEST_LOOK_MILLIS);
        }
        return exitValue();
    }

    /** A separate thread completes each result, because the common pool may be busy. */
    @Override
    public CompletableFuture<Process> onExit() {
        CompletableFuture<Process> exit = new CompletableFuture<>();
        Thread thread = new Thread(() -> exit.complete(this), "uloop-exit-" + pid);
        thread.setDaemon(true);
        var unused = ExitPoller.follow(this::isAlive, thread::start);
        return exit;
    }

    @Override
    public void destroy() {
        end("TERM");
    }

    @Override
    public Process destroyForcibly() {
        end("KILL");
        return this;
    }

    @Override
    public boolean supportsNormalTermination() {
        return true;
    }

    private void end(String name) {
        try {
            signal(name);
        } catch (IOException e) {
            // The process has become another user's, who alone may end it.
        }
    }

    /**
     * {@return the handle of the process}
     *
     * @throws UnsupportedOperationException if the process has ended
     */
    @Override
    public ProcessHandle toHandle() {
        Optional<ProcessHandle> handle;
        synchronized (this) { // which keeps its id until it is reaped
            handle = status() == null ? ProcessHandle.of(pid) : Optional.empty();
        }
        return handle.orElseThrow(
                () -> new UnsupportedOperationException("process " + pid + " has ended"));
    }

    @Override
    public OutputStream getOutputStream() {
        return OutputStream.nullOutputStream();
    }

    @Override
    public InputStream getInputStream() {
        return InputStream.nullInputStream();
    }

    @Override
    public InputStream getErrorStream() {
        return InputStream.nullInputStream();
    }

    @Override
    public String toString() {
        ExitStatus ended;
        synchronized (this) {
            ended = status;
        }
        return "SpawnedProcess[pid="
                + pid
                + (ended == null ? "]" : ", exitValue=" + ended.combined() + ']');
    }
}
