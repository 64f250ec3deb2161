package io.uloop.poller.posix.process;

import io.uloop.poller.posix.memory.Memory;
import java.nio.ByteBuffer;
import java.util.List;

/** An array of C strings with a terminating null, as execve(2) takes it. Not thread-safe. */
final class CStrings {
    private final Memory block;

    /** Copies strings without NUL. */
    CStrings(List<byte[]> strings) {
        int pointers = (strings.size() + 1) * Long.BYTES;
        int bytes = pointers;
        for (byte[] string : strings) {
            bytes = Math.addExact(bytes, string.length + 1);
        }
        block = Memory.allocate(bytes);
        ByteBuffer view = block.view();
        int at = pointers;
        for (int i = 0; i < strings.size(); i++) {
            byte[] string = strings.get(i);
            view.putLong(i * Long.BYTES, block.address() + at);
            view.put(at, string);
            at += string.length + 1;
        }
    }

    long address() {
        return block.address();
    }

    /** {@return the address of the first string} */
    long first() {
        return block.view().getLong(0);
    }

    void free() {
        block.free();
    }
}
