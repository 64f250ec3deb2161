package io.uloop.poller.posix.socket;

import io.uloop.poller.posix.call.OperatingSystem;
import java.nio.ByteBuffer;

/**
 * Reads and writes {@code struct msghdr} and {@code struct cmsghdr} of 64-bit systems, anywhere in
 * a block in native byte order.
 *
 * <pre>
 *                  Linux    BSD      macOS
 * msg_name         ptr@0    ptr@0    ptr@0
 * msg_namelen      u32@8    u32@8    u32@8
 * msg_iov          ptr@16   ptr@16   ptr@16
 * msg_iovlen       u64@24   i32@24   i32@24
 * msg_control      ptr@32   ptr@32   ptr@32
 * msg_controllen   u64@40   u32@40   u32@40
 * msg_flags        i32@48   i32@44   i32@44
 *
 * cmsg_len         u64@0    u32@0    u32@0
 * cmsg_level       i32@8    i32@4    i32@4
 * cmsg_type        i32@12   i32@8    i32@8
 * data             @16      @16      @12
 * aligned to       8        8        4
 * </pre>
 */
final class MessageLayout {
    /** Room for a header; the offset of msg_len in Linux's mmsghdr. */
    static final int HEADER_BYTES = 56;

    private static final int NAME = 0;
    private static final int NAME_LENGTH = 8;
    private static final int VECTORS = 16;
    private static final int VECTOR_COUNT = 24;
    private static final int CONTROL = 32;
    private static final int CONTROL_LENGTH = 40;

    /** This system's layout. */
    static final MessageLayout NATIVE =
            new MessageLayout(
                    OperatingSystem.HERE.isBsd(), OperatingSystem.HERE == OperatingSystem.DARWIN);

    private final boolean bsd;
    private final int flags;
    private final int level;
    private final int type;
    private final int data;
    private final int alignment;

    /**
     * @param bsd whether to use the layout of the BSDs, including macOS
     * @param darwin whether to use the layout of macOS
     */
    MessageLayout(boolean bsd, boolean darwin) {
        this.bsd = bsd;
        flags = bsd ? 44 : 48;
        level = bsd ? 4 : 8;
        type = bsd ? 8 : 12;
        data = darwin ? 12 : 16;
        alignment = darwin ? 4 : 8;
    }

    /** Writes a header with 0 as the lengths of its name and control data. */
    void putHeader(ByteBuffer block, int at, long name, long vectors, int count, long control) {
        block.putLong(at + NAME, name);
        block.putLong(at + NAME_LENGTH, 0);
        block.putLong(at + VECTORS, vectors);
        block.putLong(at + VECTOR_COUNT, 0);
        if (bsd) {
            block.putInt(at + VECTOR_COUNT, count);
        } else {
            block.putLong(at + VECTOR_COUNT, count);
        }
        block.putLong(at + CONTROL, control);
        block.putLong(at + CONTROL_LENGTH, 0);
        block.putLong(at + CONTROL_LENGTH + Long.BYTES, 0);
    }

    void setNameLength(ByteBuffer block, int at, int bytes) {
        block.putInt(at + NAME_LENGTH, bytes);
    }

    int nameLength(ByteBuffer block, int at) {
        return block.getInt(at + NAME_LENGTH);
    }

    void setControlLength(ByteBuffer block, int at, int bytes) {
        if (bsd) {
            block.putInt(at + CONTROL_LENGTH, bytes);
        } else {
            block.putLong(at + CONTROL_LENGTH, bytes);
        }
    }

    int controlLength(ByteBuffer block, int at) {
        return bsd ? block.getInt(at + CONTROL_LENGTH) : (int) block.getLong(at + CONTROL_LENGTH);
    }

    /** {@return the MSG_ flags of a received message} */
    int flags(ByteBuffer block, int at) {
        return block.getInt(at + flags);
    }

    /** {@return CMSG_SPACE: the room that {@code bytes} bytes of control data take} */
    int controlSpace(int bytes) {
        return data + (bytes + alignment - 1) / alignment * alignment;
    }

    /** Writes a control header; the data goes to {@link #controlData}. */
    void putControl(ByteBuffer block, int at, int ofLevel, int ofType, int bytes) {
        if (bsd) {
            block.putInt(at, data + bytes);
        } else {
            block.putLong(at, data + bytes);
        }
        block.putInt(at + level, ofLevel);
        block.putInt(at + type, ofType);
    }

    /**
     * Returns the offset of the control header behind another one.
     *
     * @param end the end of the control data
     * @return the offset; negative if there is no other header
     */
    int nextControl(ByteBuffer block, int at, int end) {
        int next = at + controlSpace(Math.max(0, controlBytes(block, at)));
        return next + data <= end ? next : -1;
    }

    /**
     * Returns the offset of the first control header of a received message.
     *
     * @param control the offset of the control data
     * @return the offset; negative if there is none
     */
    int firstControl(ByteBuffer block, int header, int control) {
        return controlLength(block, header) >= data ? control : -1;
    }

    boolean isControl(ByteBuffer block, int at, int ofLevel, int ofType) {
        return block.getInt(at + level) == ofLevel && block.getInt(at + type) == ofType;
    }

    /** {@return the number of control data bytes, negative if the header is incomplete} */
    int controlBytes(ByteBuffer block, int at) {
        return (bsd ? block.getInt(at) : (int) block.getLong(at)) - data;
    }

    /** {@return the offset of the data of a control header} */
    int controlData(int at) {
        return at + data;
    }
}
