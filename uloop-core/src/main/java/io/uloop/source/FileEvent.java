package io.uloop.source;

import java.util.List;

/**
 * Events of a watched file or directory, as bits that can be combined. The numbers are those of
 * inotify(7). The bits marked <i>entry</i> are also reported for the entries of a watched
 * directory, together with the entry's name.
 *
 * @see <a href="https://man7.org/linux/man-pages/man7/inotify.7.html">inotify(7)</a>
 * @since 0.1
 */
public final class FileEvent {
    /** The file was read or executed; entry. */
    public static final int ACCESS = 0x1;

    /** The file was written or truncated, but not through {@code mmap(2)}; entry. */
    public static final int MODIFY = 0x2;

    /** Permissions, times, owner or link count changed; entry. */
    public static final int ATTRIB = 0x4;

    /** A descriptor open for writing was closed; entry. */
    public static final int CLOSE_WRITE = 0x8;

    /** A descriptor not open for writing was closed; entry. */
    public static final int CLOSE_NOWRITE = 0x10;

    /** The file was opened; entry. */
    public static final int OPEN = 0x20;

    /** An entry was moved out of the directory or renamed. The cookie connects it with MOVED_TO. */
    public static final int MOVED_FROM = 0x40;

    /** An entry was moved into the directory or renamed. The cookie connects it with MOVED_FROM. */
    public static final int MOVED_TO = 0x80;

    /** An entry was created. */
    public static final int CREATE = 0x100;

    /** An entry was deleted. */
    public static final int DELETE = 0x200;

    /**
     * The watched file or directory itself was deleted: it has no name left, and no process has it
     * or one of its deleted entries open.
     */
    public static final int DELETE_SELF = 0x400;

    /** The watched file or directory itself was moved or renamed. The watch stays with it. */
    public static final int MOVE_SELF = 0x800;

    /** The file system was unmounted. Reported only, cannot be requested. */
    public static final int UNMOUNT = 0x2000;

    /**
     * The kernel's queue overflowed and events of any watch were lost. Scan the watched files
     * again. Every watch of the watcher receives this. Reported only, cannot be requested.
     */
    public static final int OVERFLOW = 0x4000;

    /**
     * The kernel has removed the watch because the file was deleted or its file system unmounted.
     * This is the last event of a watch. Reported only, cannot be requested.
     */
    public static final int IGNORED = 0x8000;

    /** Fail with ENOTDIR unless the path is a directory. Requested only, never reported. */
    public static final int ONLYDIR = 0x1000000;

    /** Watch a symbolic link itself rather than its target. Requested only, never reported. */
    public static final int DONT_FOLLOW = 0x2000000;

    /** Ignore entries that are unlinked but still open. Requested only, never reported. */
    public static final int EXCL_UNLINK = 0x4000000;

    /** The event is about a directory. Reported only, cannot be requested. */
    public static final int ISDIR = 0x40000000;

    /** All events that can be requested and reported. */
    public static final int ALL = 0xFFF;

    /** Bits that modify a request and are never reported. */
    static final int MODES = ONLYDIR | DONT_FOLLOW | EXCL_UNLINK;

    private static final String[] NAMES = names();

    private FileEvent() {}

    /**
     * Returns the names of the bits.
     *
     * @param events any bits
     * @return for example {@code "CREATE|ISDIR"}, {@code "NONE"} for 0; an unknown bit as its
     *     number
     */
    public static String toString(int events) {
        if (events == 0) {
            return "NONE";
        }
        StringBuilder text = new StringBuilder();
        for (int bit = 0; bit < Integer.SIZE; bit++) {
            if ((events & 1 << bit) != 0) {
                text.append(text.isEmpty() ? "" : "|").append(NAMES[bit]);
            }
        }
        return text.toString();
    }

    private static String[] names() {
        List<String> low =
                List.of(
                        "ACCESS",
                        "MODIFY",
                        "ATTRIB",
                        "CLOSE_WRITE",
                        "CLOSE_NOWRITE",
                        "OPEN",
                        "MOVED_FROM",
                        "MOVED_TO",
                        "CREATE",
                        "DELETE",
                        "DELETE_SELF",
                        "MOVE_SELF",
                        "0x1000",
                        "UNMOUNT",
                        "OVERFLOW",
                        "IGNORED");
        String[] names = new String[Integer.SIZE];
        for (int bit = 0; bit < names.length; bit++) {
            names[bit] = bit < low.size() ? low.get(bit) : "0x" + Integer.toHexString(1 << bit);
        }
        names[Integer.numberOfTrailingZeros(ONLYDIR)] = "ONLYDIR";
        names[Integer.numberOfTrailingZeros(DONT_FOLLOW)] = "DONT_FOLLOW";
        names[Integer.numberOfTrailingZeros(EXCL_UNLINK)] = "EXCL_UNLINK";
        names[Integer.numberOfTrailingZeros(ISDIR)] = "ISDIR";
        return names;
    }
}
