package io.uloop.source;

import java.util.List;

/**
 * What happens to a watched file or directory, as bits that can be combined; the numbers are those
 * of inotify(7). A bit marked <i>entry</i> also tells of the entries of a watched directory, which
 * then are named.
 *
 * @see <a href="https://man7.org/linux/man-pages/man7/inotify.7.html">inotify(7)</a>
 */
public final class FileEvent {
    /** Was read or executed; entry. */
    public static final int ACCESS = 0x1;

    /** Was written to or truncated; entry. Not by way of {@code mmap(2)}. */
    public static final int MODIFY = 0x2;

    /** Got other permissions, times, owners, links; entry. */
    public static final int ATTRIB = 0x4;

    /** Was closed by one that could write; entry. */
    public static final int CLOSE_WRITE = 0x8;

    /** Was closed by one that could not write; entry. */
    public static final int CLOSE_NOWRITE = 0x10;

    /** Was opened; entry. */
    public static final int OPEN = 0x20;

    /** The entry has left the directory, or has another name; see the cookie. */
    public static final int MOVED_FROM = 0x40;

    /** The entry has come into the directory, or under this name; see the cookie. */
    public static final int MOVED_TO = 0x80;

    /** The entry was made. */
    public static final int CREATE = 0x100;

    /** The entry was deleted. */
    public static final int DELETE = 0x200;

    /**
     * The watched file or directory itself is gone: it has no name left, and nobody has it open, or
     * one of its deleted entries.
     */
    public static final int DELETE_SELF = 0x400;

    /** The watched file or directory itself has another name or place; the watch goes with it. */
    public static final int MOVE_SELF = 0x800;

    /** Only to be reported: the file system was unmounted. */
    public static final int UNMOUNT = 0x2000;

    /**
     * Only to be reported: the kernel's queue was full and events are lost, of any watch; look at
     * what is watched anew. Every watch of the watcher gets this.
     */
    public static final int OVERFLOW = 0x4000;

    /**
     * Only to be reported: the last event of a watch that the kernel has ended, because what it
     * watched is deleted or unmounted.
     */
    public static final int IGNORED = 0x8000;

    /** Only to be asked for: fail with ENOTDIR unless it is a directory. */
    public static final int ONLYDIR = 0x1000000;

    /** Only to be asked for: watch a symbolic link itself, not what it points to. */
    public static final int DONT_FOLLOW = 0x2000000;

    /** Only to be asked for: nothing of entries that are unlinked and still open. */
    public static final int EXCL_UNLINK = 0x4000000;

    /** Only to be reported: it is about a directory. */
    public static final int ISDIR = 0x40000000;

    /** All that can be asked for and is reported. */
    public static final int ALL = 0xFFF;

    /** What goes with others and can only be asked for. */
    static final int MODES = ONLYDIR | DONT_FOLLOW | EXCL_UNLINK;

    private static final String[] NAMES = names();

    private FileEvent() {}

    /**
     * Names the bits.
     *
     * @param events any bits
     * @return {@code "CREATE|ISDIR"}, {@code "NONE"} for 0; an unknown bit as its number
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
