package io.uloop.poller.posix;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The headers of one thread's messages for the length of one recvmmsg(2) or sendmmsg(2): an array
 * of Linux's {@code struct mmsghdr { struct msghdr msg_hdr; unsigned msg_len; }}, and one iovec,
 * one address and a little control data for each. It grows with the batches that it serves, and is
 * freed by the collector, after the thread.
 */
final class MessageHeaders {
    private static final int HEADER_BYTES = MessageLayout.HEADER_BYTES + 8;
    private static final int CONTROL_BYTES = 64;
    private static final ThreadLocal<MessageHeaders> MINE =
            ThreadLocal.withInitial(MessageHeaders::new);

    private final MessageLayout layout = MessageLayout.NATIVE;
    private int capacity;
    private ByteBuffer block = ByteBuffer.allocateDirect(0);
    private long address;

    /** For which slots all headers but the used ones are ready to receive. */
    private long readyBytes;

    private int readySlotBytes;
    private int ready;
    private int used;

    private MessageHeaders() {}

    /** This thread's, with room for so many messages. */
    static MessageHeaders mine(int messages) {
        MessageHeaders mine = MINE.get();
        if (mine.capacity < messages) {
            mine.grow(messages);
        }
        return mine;
    }

    private void grow(int messages) {
        int bytes =
                messages
                        * (HEADER_BYTES
                                + Scratch.VECTOR_BYTES
                                + CONTROL_BYTES
                                + Scratch.ADDRESS_BYTES);
        block = ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
        address = Memory.addressOf(block);
        capacity = messages;
        ready = 0;
        for (int i = 0; i < messages; i++) {
            layout.putHeader(
                    block,
                    header(i),
                    address + name(i),
                    address + vector(i),
                    1,
                    address + control(i));
        }
    }

    ByteBuffer block() {
        return block;
    }

    /** The address of the first header. */
    long address() {
        return address;
    }

    int header(int message) {
        return message * HEADER_BYTES;
    }

    private int vector(int message) {
        return capacity * HEADER_BYTES + message * Scratch.VECTOR_BYTES;
    }

    int control(int message) {
        return vector(capacity) + message * CONTROL_BYTES;
    }

    int name(int message) {
        return control(capacity) + message * Scratch.ADDRESS_BYTES;
    }

    /** Says where a message's bytes are. */
    void setBytes(int message, long start, int length) {
        block.putLong(vector(message), start);
        block.putLong(vector(message) + Long.BYTES, length);
    }

    /**
     * Makes headers ready to receive into slots that lie one after the other. Only those that were
     * used since they were ready for the same slots are written: few datagrams cost little.
     *
     * @param start the address of the first slot
     */
    void readyToReceive(long start, int slotBytes, int slots) {
        boolean same = start == readyBytes && slotBytes == readySlotBytes && slots <= ready;
        for (int i = same ? used - 1 : slots - 1; i >= 0; i--) {
            setBytes(i, start + (long) i * slotBytes, slotBytes);
            layout.setNameLength(block, header(i), Scratch.ADDRESS_BYTES);
            layout.setControlLength(block, header(i), CONTROL_BYTES);
        }
        readyBytes = start;
        readySlotBytes = slotBytes;
        ready = slots;
        used = 0;
    }

    /** Says that the first headers were written, here or by the kernel. */
    void use(int messages) {
        used = Math.max(used, messages);
    }

    /** Writes what recvmmsg(2) would: how many bytes a message has. */
    void setLength(int message, int bytes) {
        block.putInt(header(message) + MessageLayout.HEADER_BYTES, bytes);
    }

    /** How many bytes a message that was received has. */
    int length(int message) {
        return block.getInt(header(message) + MessageLayout.HEADER_BYTES);
    }
}
