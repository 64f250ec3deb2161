package io.uloop.poller.posix.socket;

import io.uloop.poller.Descriptors;
import io.uloop.poller.PollerException;
import io.uloop.poller.posix.call.Posix;
import io.uloop.poller.posix.memory.BufferAddresses;
import io.uloop.poller.posix.memory.BufferChecks;
import io.uloop.poller.posix.memory.Memory;
import io.uloop.poller.posix.memory.Scratch;
import io.uloop.poller.posix.memory.Staging;
import java.nio.ByteBuffer;

/**
 * Gives the kernel the bytes of buffers for single datagrams. Copies those that it must not access
 * directly, always whole.
 *
 * @param <T> what describes a datagram to send
 */
abstract class WholeDatagrams<T> {
    private final String receiveCall;
    private final String sendCall;

    /**
     * @param receiveCall the system call that receives, for exceptions
     * @param sendCall the system call that sends, for exceptions
     */
    WholeDatagrams(String receiveCall, String sendCall) {
        this.receiveCall = receiveCall;
        this.sendCall = sendCall;
    }

    /**
     * Receives to an address.
     *
     * @return the bytes received, or {@link Descriptors#NONE}
     */
    abstract int receive(int fd, Scratch scratch, long bytes, int count, int flags)
            throws PollerException;

    /**
     * Sends from an address.
     *
     * @return the bytes sent; 0 if it would block
     */
    abstract int send(int fd, Scratch scratch, long bytes, int count, T info)
            throws PollerException;

    final int receive(int fd, Scratch scratch, ByteBuffer target, int flags)
            throws PollerException {
        Posix.requireDescriptor(receiveCall, fd);
        BufferChecks.requireWritable(target);
        int position = target.position();
        int count = Math.max(0, target.limit() - position);
        long address = BufferAddresses.of(target);
        int moved;
        if (address != BufferAddresses.NONE) {
            try {
                moved = receive(fd, scratch, address + position, count, flags);
            } finally {
                Memory.keep(target);
            }
        } else {
            moved = receiveCopied(fd, scratch, target, position, count, flags);
        }
        if (moved != Descriptors.NONE) {
            target.position(position + moved);
        }
        return moved;
    }

    private int receiveCopied(
            int fd, Scratch scratch, ByteBuffer target, int position, int count, int flags)
            throws PollerException {
        if (count > 0) {
            BufferChecks.requireAccess(target);
        }
        Staging staging = scratch.staging(count);
        try {
            int moved = receive(fd, scratch, staging.address(), count, flags);
            if (moved > 0) {
                target.put(position, staging.bytes(), 0, moved);
            }
            return moved;
        } finally {
            staging.release();
        }
    }

    public final int send(int fd, ByteBuffer source, T info) throws PollerException {
        Posix.requireDescriptor(sendCall, fd);
        Scratch scratch = Scratch.mine();
        int position = source.position();
        int count = Math.max(0, source.limit() - position);
        long address = BufferAddresses.of(source);
        int moved;
        if (address != BufferAddresses.NONE) {
            try {
                moved = send(fd, scratch, address + position, count, info);
            } finally {
                Memory.keep(source);
            }
        } else {
            Staging staging = scratch.staging(count);
            try {
                staging.bytes().put(0, source, position, count);
                moved = send(fd, scratch, staging.address(), count, info);
            } finally {
                staging.release();
            }
        }
        source.position(position + moved);
        return moved;
    }
}
