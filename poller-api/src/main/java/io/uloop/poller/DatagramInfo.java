package io.uloop.poller;

/**
 * The addresses and other details of one datagram, alone or in a {@link DatagramBatch}. Reusing one
 * instance avoids allocating objects per datagram: {@link NativeDescriptors#receive(int,
 * java.nio.ByteBuffer, DatagramInfo)} sets it and {@link NativeDescriptors#send(int,
 * java.nio.ByteBuffer, DatagramInfo)} reads its addresses. An answer to a datagram that was not
 * multicast can be sent with the info as it is, and then leaves the machine by the same address.
 *
 * <p>Not thread-safe.
 *
 * @since 0.1
 */
public final class DatagramInfo {
    private final DatagramAddress peer = new DatagramAddress();
    private final DatagramAddress local = new DatagramAddress();
    private int interfaceIndex;
    private int outgoingInterface;
    private long receivedNanos;
    private boolean truncated;

    /** Creates an info with unset addresses. */
    public DatagramInfo() {}

    /**
     * Returns the other side.
     *
     * @return the sender of a received datagram, or the receiver to send to; if unset, the peer of
     *     a connected socket. The same object every time
     */
    public DatagramAddress peer() {
        return peer;
    }

    /**
     * Returns this side, without a port.
     *
     * @return the address to which a received datagram was sent, which may be a multicast group;
     *     unset without {@link KernelSocketOptions#IP_PKTINFO}. When sending, the source address;
     *     unset for the kernel's choice. The same object every time
     */
    public DatagramAddress local() {
        return local;
    }

    /**
     * Returns the network interface that received the datagram.
     *
     * @return the index of the interface; 0 if unknown, as without {@link
     *     KernelSocketOptions#IP_PKTINFO}
     */
    public int interfaceIndex() {
        return interfaceIndex;
    }

    /**
     * {@return the index of the interface that is to send the datagram; 0 for the kernel's choice}
     */
    public int outgoingInterface() {
        return outgoingInterface;
    }

    /**
     * Sets the network interface that is to send a datagram. Receiving resets it.
     *
     * @param index the index of the interface; 0 for the kernel's choice
     * @throws IllegalArgumentException if the index is negative
     */
    public void setOutgoingInterface(int index) {
        if (index < 0) {
            throw new IllegalArgumentException("interface index " + index + " is negative");
        }
        outgoingInterface = index;
    }

    /**
     * Returns when the kernel received the datagram.
     *
     * @return nanoseconds since the epoch, of which systems other than Linux tell microseconds; 0
     *     without {@link KernelSocketOptions#SO_TIMESTAMP}
     */
    public long receivedNanos() {
        return receivedNanos;
    }

    /**
     * {@return whether the received datagram was longer than the buffer, so that its end is lost}
     */
    public boolean isTruncated() {
        return truncated;
    }

    /** Unsets the addresses and all other values. */
    public void clear() {
        peer.clear();
        local.clear();
        setReceived(0, 0, false);
    }

    /**
     * Sets everything but the addresses. The receiving {@link NativeDescriptors} calls this and
     * sets the addresses itself.
     *
     * @param index as {@link #interfaceIndex}
     * @param nanos as {@link #receivedNanos}
     * @param cut as {@link #isTruncated}
     */
    public void setReceived(int index, long nanos, boolean cut) {
        interfaceIndex = index;
        outgoingInterface = 0;
        receivedNanos = nanos;
        truncated = cut;
    }
}
