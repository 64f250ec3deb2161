package io.uloop.poller.posix.socket;

import io.uloop.poller.posix.memory.Memory;
import io.uloop.poller.posix.memory.PerThread;
import io.uloop.poller.posix.memory.Scratch;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * One thread's message headers for a recvmmsg(2) or sendmmsg(2) call: an array of Linux's {@code
 * struct mmsghdr { struct msghdr msg_hdr; unsigned msg_len; }}, each with an iovec, an address and
 * some control data. It grows with the batches. The collector frees it after the thread has ended.
 * Not thread-safe.
 */
final class MessageHeaders {
    private static final int HEADER_BYTES = MessageLayout.HEADER_BYTES + 8;
    private static final int CONTROL_BYTES = 160;
    private static final PerThread<MessageHeaders> MINE = new PerThread<>(MessageHeaders::new);

    private final MessageLayout layout = MessageLayout.NATIVE;
    private int capacity;
    private ByteBuffer block = ByteBuffer.allocateDirect(0);
    private long address;

    /** The slots into which all headers except the used ones are ready to receive. */
    private long readyBytes;

    private int readySlotBytes;
    private int ready;
    private int used;

    private MessageHeaders() {}

    /** {@return this thread's headers, with room for at least {@code messages} messages} */
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

    /** {@return the address of the first header} */
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

    /** Sets where a message's bytes are. */
    void setBytes(int message, long start, int length) {
        block.putLong(vector(message), start);
        block.putLong(vector(message) + Long.BYTES, length);
    }

    /**
     * Prepares headers to receive into consecutive slots. Headers that are still prepared for the
     * same slots are not written again, so a small batch costs little.
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

    /** Marks the first headers as written, by this class or the kernel. */
    void use(int messages) {
        used = Math.max(used, messages);
    }

    /** Sets a message's length, as recvmmsg(2) does. */
    void setLength(int message, int bytes) {
        block.putInt(header(message) + MessageLayout.HEADER_BYTES, bytes);
    }

    /** {@return the length of a received message, in bytes} */
    int length(int message) {
        return block.getInt(header(message) + MessageLayout.HEADER_BYTES);
    }
}
