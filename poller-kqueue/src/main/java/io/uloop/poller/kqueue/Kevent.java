package io.uloop.poller.kqueue;

import java.nio.ByteBuffer;

/**
 * Accesses the fields of:
 *
 * <pre>
 * struct kevent {
 *     uintptr_t ident;         // the descriptor
 *     int16_t filter;
 *     uint16_t flags;
 *     uint32_t fflags;
 *     int64_t data;
 *     void *udata;             // the registration's token
 *     uint64_t ext[4];         // FreeBSD 12 and later: zero
 * };
 * </pre>
 *
 * <p>The layout is the same on every 64-bit system except NetBSD.
 */
final class Kevent {
    private static final int IDENT = 0;
    private static final int FILTER = 8;
    private static final int FLAGS = 10;
    private static final int FFLAGS = 12;
    private static final int DATA = 16;
    private static final int UDATA = 24;

    private Kevent() {}

    static void put(
            ByteBuffer view, int offset, int ident, int filter, int flags, int fflags, long token) {
        view.putLong(offset + IDENT, ident);
        view.putShort(offset + FILTER, (short) filter);
        view.putShort(offset + FLAGS, (short) flags);
        view.putInt(offset + FFLAGS, fflags);
        view.putLong(offset + DATA, 0);
        view.putLong(offset + UDATA, token);
    }

    static int filter(ByteBuffer view, int offset) {
        return view.getShort(offset + FILTER);
    }

    static int flags(ByteBuffer view, int offset) {
        return Short.toUnsignedInt(view.getShort(offset + FLAGS));
    }

    static int fflags(ByteBuffer view, int offset) {
        return view.getInt(offset + FFLAGS);
    }

    static long data(ByteBuffer view, int offset) {
        return view.getLong(offset + DATA);
    }

    static void putData(ByteBuffer view, int offset, long data) {
        view.putLong(offset + DATA, data);
    }

    static long token(ByteBuffer view, int offset) {
        return view.getLong(offset + UDATA);
    }
}
