package io.uloop.poller.posix.file;

import io.uloop.poller.posix.call.Constant;
import java.nio.file.OpenOption;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The flags and permissions for open(2). */
final class OpenMode {
    /** The permissions of a created file: rw-rw-rw-, less the process's umask. */
    static final int PERMISSIONS = 0666;

    private static final Set<StandardOpenOption> KNOWN =
            Set.of(
                    StandardOpenOption.READ,
                    StandardOpenOption.WRITE,
                    StandardOpenOption.APPEND,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.CREATE_NEW,
                    StandardOpenOption.TRUNCATE_EXISTING);

    private OpenMode() {}

    /**
     * Converts options to flags. As in NIO, options that create or truncate are ignored if the file
     * is opened only for reading.
     *
     * @throws UnsupportedOperationException for any other option
     */
    @SuppressWarnings("SuspiciousMethodCalls") // the map is queried with any kind of option
    static int flags(OpenOption... options) {
        Set<OpenOption> asked = new HashSet<>(List.of(options));
        for (OpenOption option : asked) {
            if (!KNOWN.contains(option)) {
                throw new UnsupportedOperationException(
                        "open does not support " + option + "; use any of " + KNOWN);
            }
        }
        boolean append = asked.contains(StandardOpenOption.APPEND);
        if (!append && !asked.contains(StandardOpenOption.WRITE)) {
            return Constant.O_RDONLY.value();
        }
        Constant access =
                asked.contains(StandardOpenOption.READ) ? Constant.O_RDWR : Constant.O_WRONLY;
        int flags = access.value();
        if (append) {
            flags |= Constant.O_APPEND.value();
        }
        if (asked.contains(StandardOpenOption.TRUNCATE_EXISTING)) {
            flags |= Constant.O_TRUNC.value();
        }
        if (asked.contains(StandardOpenOption.CREATE_NEW)) {
            flags |= Constant.O_CREAT.value() | Constant.O_EXCL.value();
        } else if (asked.contains(StandardOpenOption.CREATE)) {
            flags |= Constant.O_CREAT.value();
        }
        return flags;
    }
}
