package io.uloop.poller.kqueue;

import io.uloop.poller.PollerException;
import io.uloop.poller.kqueue.KqueueCalls.Calls;
import io.uloop.poller.posix.call.NativeAccess;
import io.uloop.poller.posix.call.Posix;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The kqueue implementation of this process: the C library of a BSD or macOS, or a configured
 * libkqueue on Linux. There is no search for a library. Thread-safe.
 */
final class KqueueSystem {
    /** The system property with the path of a libkqueue, on Linux. */
    static final String LIBRARY_PROPERTY = "uloop.kqueue.library";

    /** Whether a kqueue is that of libkqueue, whose number is a pipe that is never readable. */
    static final boolean IS_LIBKQUEUE = System.getProperty("os.name").equals("Linux");

    private static final String HOW_TO_NAME_A_LIBRARY =
            "-D" + LIBRARY_PROPERTY + "=/absolute/path/libkqueue.so.0";

    private final @Nullable String unavailability;
    private final @Nullable Calls calls;
    private final @Nullable KqueueAbi abi;

    private KqueueSystem(
            @Nullable String unavailability, @Nullable Calls calls, @Nullable KqueueAbi abi) {
        this.unavailability = unavailability;
        this.calls = calls;
        this.abi = abi;
    }

    /** {@return the system of this process, as configured at the first call} */
    static KqueueSystem here() {
        return Holder.HERE;
    }

    private static final class Holder {
        static final KqueueSystem HERE =
                find(
                        System.getProperty("os.name"),
                        System.getProperty("os.version"),
                        System.getProperty(LIBRARY_PROPERTY));
    }

    /**
     * Finds the implementation of a system.
     *
     * @param library the value of {@link #LIBRARY_PROPERTY}; used only on Linux
     */
    static KqueueSystem find(String name, String version, @Nullable String library) {
        KqueueAbi abi = KqueueAbi.forSystem(name, version);
        if (abi == null) {
            return none(
                    name.equals("NetBSD")
                            ? "NetBSD's kevent(2) has a different layout, and JNR has no native"
                                    + " library for NetBSD; use select"
                            : "kqueue requires BSD or macOS, and this is " + name);
        }
        if (name.equals("Linux")) {
            return library == null
                    ? none(
                            "kqueue requires BSD or macOS, and this is Linux; to use a"
                                    + " libkqueue, set its path with "
                                    + HOW_TO_NAME_A_LIBRARY)
                    : ofLibrary(library, abi);
        }
        String reason = NativeAccess.unavailability();
        return reason == null ? ofCLibrary(abi) : none(reason);
    }

    private static KqueueSystem ofCLibrary(KqueueAbi abi) {
        try {
            return new KqueueSystem(null, KqueueCalls.bind(null), abi);
        } catch (LinkageError | RuntimeException e) {
            return none("the C library has no usable kevent(2): " + e);
        }
    }

    private static KqueueSystem ofLibrary(String library, KqueueAbi abi) {
        String given = "-D" + LIBRARY_PROPERTY + "=" + library;
        Path path;
        try {
            path = Path.of(library);
        } catch (InvalidPathException e) {
            return none(given + " is not a path: " + e.getMessage());
        }
        if (!path.isAbsolute()) {
            return none(given + " is not an absolute path; use " + HOW_TO_NAME_A_LIBRARY);
        }
        if (!Files.isRegularFile(path)) {
            return none(given + " is not a file; use " + HOW_TO_NAME_A_LIBRARY);
        }
        try {
            Calls calls = KqueueCalls.bind(path);
            int kq = calls.kqueue();
            if (kq < 0) {
                return none(given + ": kqueue() failed: " + Posix.errnoName(Posix.errno()));
            }
            calls.close(kq);
            return new KqueueSystem(null, calls, abi);
        } catch (LinkageError | RuntimeException e) {
            return none(given + " cannot be loaded as libkqueue: " + e);
        }
    }

    private static KqueueSystem none(String reason) {
        return new KqueueSystem(reason, null, null);
    }

    @Nullable String unavailability() {
        return unavailability;
    }

    /** Returns a copy without EVFILT_USER, whose pollers wake through a pipe. */
    KqueueSystem withoutUserFilter() {
        return abi == null
                ? this
                : new KqueueSystem(
                        unavailability,
                        calls,
                        new KqueueAbi(abi.eventBytes(), KqueueAbi.NONE, abi.kqueue1Flags()));
    }

    /**
     * Opens a process.
     *
     * @throws UnsupportedOperationException with the {@link #unavailability} reason, if any
     */
    int openProcess(long pid) throws PollerException {
        if (calls == null || abi == null) {
            throw new UnsupportedOperationException(unavailability);
        }
        return KqueueProcess.open(calls, abi, pid);
    }

    /**
     * Opens a poller.
     *
     * @throws UnsupportedOperationException with the {@link #unavailability} reason, if any
     */
    KqueuePoller openPoller() throws PollerException {
        if (calls == null || abi == null) {
            throw new UnsupportedOperationException(unavailability);
        }
        return KqueuePoller.open(calls, abi);
    }
}
