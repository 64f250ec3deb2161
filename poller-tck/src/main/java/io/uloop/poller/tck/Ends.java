package io.uloop.poller.tck;

import io.uloop.poller.Descriptors;
import io.uloop.poller.NativeDescriptors;

/**
 * Converts pairs of descriptors to arrays, for tests that treat all pairs alike.
 *
 * @since 0.1
 */
public final class Ends {
    private Ends() {}

    /**
     * Returns the ends of a pipe.
     *
     * @param pipe the pipe
     * @return the read end and the write end
     */
    public static int[] of(Descriptors.Pipe pipe) {
        return new int[] {pipe.readEnd(), pipe.writeEnd()};
    }

    /**
     * Returns both sockets of a pair.
     *
     * @param pair the pair
     * @return the first and the second socket
     */
    public static int[] of(NativeDescriptors.SocketPair pair) {
        return new int[] {pair.first(), pair.second()};
    }

    /**
     * Returns the ends of a pseudo-terminal.
     *
     * @param pty the terminal
     * @return the master and the slave
     */
    public static int[] of(NativeDescriptors.Pty pty) {
        return new int[] {pty.master(), pty.slave()};
    }
}
