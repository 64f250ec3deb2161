package io.uloop.poller.kqueue;

import io.uloop.poller.posix.NativeAccess;
import io.uloop.poller.posix.Posix;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Where the kqueue of this process is: in the C library of a BSD or macOS, or on Linux in the
 * libkqueue that a user names. Nothing is searched for.
 */
final class KqueueSystem {
    /** The system property that names a libkqueue, on Linux. */
    static final String LIBRARY_PROPERTY = "uloop.kqueue.library";

    private static final String HOW_TO_NAME_A_LIBRARY =
            "-D" + LIBRARY_PROPERTY + "=/absolute/path/libkqueue.so.0";

    private final @Nullable String unavailability;
    private final KqueueNative.@Nullable Calls calls;
    private final @Nullable KqueueAbi abi;

    private KqueueSystem(
            @Nullable String unavailability,
            KqueueNative.@Nullable Calls calls,
            @Nullable KqueueAbi abi) {
        this.unavailability = unavailability;
        this.calls = calls;
        this.abi = abi;
    }

    /** The one of this process, as the properties were when it was first asked for. */
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
     * Finds the one of a system.
     *
     * @param library what {@link #LIBRARY_PROPERTY} says; matters on Linux alone
     */
    static KqueueSystem find(String name, String version, @Nullable String library) {
        KqueueAbi abi = KqueueAbi.forSystem(name, version);
        if (abi == null) {
            return none(
                    name.equals("NetBSD")
                            ? "the kevent(2) of NetBSD has a layout of its own, and JNR has no"
                                    + " native part for it; take select"
                            : "kqueue is part of BSD and macOS, this is " + name);
        }
        if (name.equals("Linux")) {
            return library == null
                    ? none(
                            "kqueue is part of BSD and macOS, this is Linux; to run it on a"
                                    + " libkqueue, name that by "
                                    + HOW_TO_NAME_A_LIBRARY)
                    : ofLibrary(library, abi);
        }
        String reason = NativeAccess.unavailability();
        return reason == null ? ofCLibrary(abi) : none(reason);
    }

    private static KqueueSystem ofCLibrary(KqueueAbi abi) {
        try {
            return new KqueueSystem(null, KqueueNative.bind(null), abi);
        } catch (LinkageError | RuntimeException e) {
            return none("the C library has no kevent(2) that can be called: " + e);
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
            return none(given + " names no file; use " + HOW_TO_NAME_A_LIBRARY);
        }
        try {
            KqueueNative.Calls calls = KqueueNative.bind(path);
            int kq = calls.kqueue();
            if (kq < 0) {
                return none(given + ": its kqueue() fails: " + Posix.errnoName(Posix.errno()));
            }
            calls.close(kq);
            return new KqueueSystem(null, calls, abi);
        } catch (LinkageError | RuntimeException e) {
            return none(given + " is no libkqueue that can be loaded: " + e);
        }
    }

    private static KqueueSystem none(String reason) {
        return new KqueueSystem(reason, null, null);
    }

    @Nullable String unavailability() {
        return unavailability;
    }

    /** The same one as if it had no EVFILT_USER, so that its pollers wake by a pipe. */
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
     * @throws UnsupportedOperationException where {@link #unavailability} names a reason
     */
    int openProcess(long pid) throws IOException {
        if (calls == null || abi == null) {
            throw new UnsupportedOperationException(unavailability);
        }
        return KqueueProcess.open(calls, abi, pid);
    }

    /**
     * Opens a poller.
     *
     * @throws UnsupportedOperationException where {@link #unavailability} names a reason
     */
    KqueuePoller openPoller() throws IOException {
        if (calls == null || abi == null) {
            throw new UnsupportedOperationException(unavailability);
        }
        return KqueuePoller.open(calls, abi);
    }
}
