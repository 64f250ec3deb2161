package io.uloop.poller;

import java.net.StandardProtocolFamily;
import org.jspecify.annotations.Nullable;

/**
 * What a descriptor refers to. Its text completes a sentence, such as "a listening INET stream
 * socket".
 *
 * @param type the type of the file
 * @param family INET, INET6 or UNIX for a socket of that family; null for a socket of another
 *     family and for any other file
 * @param listening whether it is a socket that listens
 * @since 0.1
 */
public record DescriptorKind(
        Type type, @Nullable StandardProtocolFamily family, boolean listening) {

    /** The types of files. */
    public enum Type {
        /** A stream socket, as TCP. */
        STREAM_SOCKET("stream socket"),
        /** A datagram socket, as UDP. */
        DATAGRAM_SOCKET("datagram socket"),
        /** A socket of another type, such as SOCK_SEQPACKET. */
        OTHER_SOCKET("socket that is neither stream nor datagram"),
        /** A pipe or FIFO. */
        PIPE("pipe"),
        /** A terminal or another character device. */
        DEVICE("device"),
        /** A regular file or block device. */
        FILE("file"),
        /** A directory. */
        DIRECTORY("directory"),
        /** Any other file, such as an eventfd. */
        OTHER("descriptor without a type");

        private final String words;

        Type(String words) {
            this.words = words;
        }

        /** {@return whether this is a type of sockets} */
        public boolean isSocket() {
            return this == STREAM_SOCKET || this == DATAGRAM_SOCKET || this == OTHER_SOCKET;
        }
    }

    /** {@return whether this is a socket of IPv4 or IPv6} */
    public boolean isInternet() {
        return family == StandardProtocolFamily.INET || family == StandardProtocolFamily.INET6;
    }

    @Override
    public String toString() {
        String words = (family == null ? "" : family.name() + ' ') + type.words;
        String article = words.startsWith("INET") ? "an " : "a ";
        return listening ? "a listening " + words : article + words;
    }
}
