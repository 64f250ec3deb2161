package io.uloop.poller.kqueue;

import org.jspecify.annotations.Nullable;

/**
 * What differs between the systems that have a kqueue: data alone, so that each can be tested on
 * any. The rest is the same on all of them, see {@link Kevent} and {@link KqueueNative}.
 *
 * <pre>
 *                   struct kevent   EVFILT_USER   kqueue1(2)
 * macOS             32 bytes        -10
 * FreeBSD 12        64              -11
 * FreeBSD 11        32              -11
 * OpenBSD           32              -10, recent   O_CLOEXEC, recent
 * DragonFly         32              -9
 * libkqueue         32              -11
 * </pre>
 *
 * @param eventBytes the size of struct kevent
 * @param userFilter EVFILT_USER, which the kernel may be too old for; {@link #NONE} if it never has
 *     one
 * @param kqueue1Flags what makes kqueue1(2) close its result on exec; {@link #NONE} if there is no
 *     such call
 */
record KqueueAbi(int eventBytes, int userFilter, int kqueue1Flags) {
    static final int NONE = 0;

    private static final int PLAIN = 32;
    private static final int WITH_EXTENSION = 64;
    private static final int OPENBSD_O_CLOEXEC = 0x10000;

    /**
     * The kqueue of a system; on Linux that of libkqueue, the only one there is.
     *
     * @param name as in the system property {@code os.name}
     * @param version as in {@code os.version}
     * @return null if it has none that can be called from here
     */
    static @Nullable KqueueAbi forSystem(String name, String version) {
        return switch (name) {
            case "Mac OS X" -> new KqueueAbi(PLAIN, -10, NONE);
            case "FreeBSD" ->
                    new KqueueAbi(majorOf(version) < 12 ? PLAIN : WITH_EXTENSION, -11, NONE);
            case "OpenBSD" -> new KqueueAbi(PLAIN, -10, OPENBSD_O_CLOEXEC);
            case "DragonFly" -> new KqueueAbi(PLAIN, -9, NONE);
            case "Linux" -> new KqueueAbi(PLAIN, -11, NONE);
            default -> null;
        };
    }

    /** Of {@code "13.2-RELEASE"} the 13; a version that has no number is a new one. */
    private static int majorOf(String version) {
        int end = 0;
        while (end < version.length() && Character.isDigit(version.charAt(end))) {
            end++;
        }
        return end == 0 ? Integer.MAX_VALUE : Integer.parseInt(version.substring(0, end));
    }
}
