package io.uloop.poller.kqueue;

import org.jspecify.annotations.Nullable;

/**
 * The differences between the systems that have kqueue. It is only data, so that each system can be
 * tested on any other. {@link Kevent} and {@link KqueueCalls} hold what all systems share.
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
 * @param userFilter EVFILT_USER, which old kernels lack; {@link #NONE} if the system has none
 * @param kqueue1Flags the close-on-exec flag of kqueue1(2); {@link #NONE} without that call
 */
record KqueueAbi(int eventBytes, int userFilter, int kqueue1Flags) {
    static final int NONE = 0;

    private static final int PLAIN = 32;
    private static final int WITH_EXTENSION = 64;
    private static final int OPENBSD_O_CLOEXEC = 0x10000;

    /**
     * Returns the kqueue ABI of a system. On Linux it is that of libkqueue.
     *
     * @param name as in the system property {@code os.name}
     * @param version as in {@code os.version}
     * @return the ABI, or null if the system has no usable kqueue
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

    /** Returns 13 for {@code "13.2-RELEASE"}. A version without a number counts as the newest. */
    private static int majorOf(String version) {
        int end = 0;
        while (end < version.length() && Character.isDigit(version.charAt(end))) {
            end++;
        }
        return end == 0 ? Integer.MAX_VALUE : Integer.parseInt(version.substring(0, end));
    }
}
