package io.uloop.poller.posix.socket;

import io.uloop.poller.posix.call.Linux;
import io.uloop.poller.posix.memory.Scratch;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** The encodings of socket option values at {@link Scratch#VALUE}. */
enum OptionEncoding {
    /** An int: false is 0, any other value is true. */
    FLAG(Boolean.class, Integer.BYTES) {
        @Override
        void put(ByteBuffer block, Object value) {
            block.putInt(Scratch.VALUE, (Boolean) value ? 1 : 0);
        }

        @Override
        Object get(ByteBuffer block) {
            return block.getInt(Scratch.VALUE) != 0;
        }
    },

    /** A byte: false is 0. The BSDs use it for IPv4 multicast, and Linux accepts it. */
    BYTE_FLAG(Boolean.class, Byte.BYTES) {
        @Override
        void put(ByteBuffer block, Object value) {
            block.put(Scratch.VALUE, (byte) ((Boolean) value ? 1 : 0));
        }

        @Override
        Object get(ByteBuffer block) {
            return block.get(Scratch.VALUE) != 0;
        }
    },

    /** An int. */
    NUMBER(Integer.class, Integer.BYTES) {
        @Override
        void put(ByteBuffer block, Object value) {
            block.putInt(Scratch.VALUE, (Integer) value);
        }

        @Override
        Object get(ByteBuffer block) {
            return block.getInt(Scratch.VALUE);
        }
    },

    /** An int from 0 to 255. */
    OCTET(Integer.class, Integer.BYTES) {
        @Override
        void put(ByteBuffer block, Object value) {
            block.putInt(Scratch.VALUE, requireOctet(value));
        }

        @Override
        Object get(ByteBuffer block) {
            return block.getInt(Scratch.VALUE);
        }
    },

    /** A byte from 0 to 255. The BSDs use it for IPv4 multicast, and Linux accepts it. */
    BYTE_OCTET(Integer.class, Byte.BYTES) {
        @Override
        void put(ByteBuffer block, Object value) {
            block.put(Scratch.VALUE, (byte) requireOctet(value));
        }

        @Override
        Object get(ByteBuffer block) {
            return block.get(Scratch.VALUE) & 0xff;
        }
    },

    /**
     * An int, 0 or more. Linux doubles it to allow for its own overhead and returns the doubled
     * value.
     */
    BUFFER_BYTES(Integer.class, Integer.BYTES) {
        @Override
        void put(ByteBuffer block, Object value) {
            int bytes = (Integer) value;
            if (bytes < 0) {
                throw new IllegalArgumentException("buffer size is negative: " + bytes + " bytes");
            }
            block.putInt(Scratch.VALUE, bytes);
        }

        @Override
        Object get(ByteBuffer block) {
            int bytes = block.getInt(Scratch.VALUE);
            return Linux.HERE ? bytes / 2 : bytes;
        }
    },

    /** {@code struct linger { int l_onoff; int l_linger; }}; a negative value turns it off. */
    LINGER(Integer.class, 2 * Integer.BYTES) {
        @Override
        void put(ByteBuffer block, Object value) {
            int seconds = (Integer) value;
            block.putInt(Scratch.VALUE, seconds < 0 ? 0 : 1);
            block.putInt(Scratch.VALUE + Integer.BYTES, Math.max(0, seconds));
        }

        @Override
        Object get(ByteBuffer block) {
            boolean on = block.getInt(Scratch.VALUE) != 0;
            return on ? block.getInt(Scratch.VALUE + Integer.BYTES) : -1;
        }
    },

    /** The index of a network interface; 0 is none. */
    INTERFACE_INDEX(NetworkInterface.class, Integer.BYTES) {
        @Override
        void put(ByteBuffer block, Object value) {
            block.putInt(Scratch.VALUE, ((NetworkInterface) value).getIndex());
        }

        @Override
        @Nullable Object get(ByteBuffer block) throws IOException {
            int index = block.getInt(Scratch.VALUE);
            return index == 0 ? null : NetworkInterface.getByIndex(index);
        }
    },

    /** A {@code struct in_addr} with the first IPv4 address of an interface; 0.0.0.0 is none. */
    INTERFACE_ADDRESS(NetworkInterface.class, Integer.BYTES) {
        @Override
        void put(ByteBuffer block, Object value) {
            NetworkInterface link = (NetworkInterface) value;
            InetAddress address = inetAddress(link);
            if (address == null) {
                throw new IllegalArgumentException(
                        link.getName() + " has no IPv4 address; use another interface");
            }
            block.put(Scratch.VALUE, address.getAddress());
        }

        @Override
        @Nullable Object get(ByteBuffer block) throws IOException {
            byte[] bytes = new byte[Integer.BYTES];
            block.get(Scratch.VALUE, bytes);
            InetAddress address = InetAddress.getByAddress(bytes);
            return address.isAnyLocalAddress() ? null : NetworkInterface.getByInetAddress(address);
        }
    };

    /** The type of the value in Java. */
    final Class<?> type;

    /** The size of the value in C. */
    final int bytes;

    OptionEncoding(Class<?> type, int bytes) {
        this.type = type;
        this.bytes = bytes;
    }

    /**
     * Writes a value.
     *
     * @throws IllegalArgumentException if the value is out of range
     */
    abstract void put(ByteBuffer block, Object value);

    /** Reads a value. */
    abstract @Nullable Object get(ByteBuffer block) throws IOException;

    /** {@return an interface's first IPv4 address, or null if it has none} */
    static @Nullable InetAddress inetAddress(NetworkInterface link) {
        return link.inetAddresses().filter(Inet4Address.class::isInstance).findFirst().orElse(null);
    }

    private static int requireOctet(Object value) {
        int octet = (Integer) value;
        if (octet < 0 || octet > 255) {
            throw new IllegalArgumentException(octet + " is not between 0 and 255");
        }
        return octet;
    }
}
