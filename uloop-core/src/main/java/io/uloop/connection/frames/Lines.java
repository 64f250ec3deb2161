package io.uloop.connection.frames;

import io.uloop.connection.Connection;
import io.uloop.internal.ConnectionAccess;
import io.uloop.memory.LoopBuffers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Lines, which end by LF or by CR and LF. A CR that is not directly before LF belongs to its line,
 * and so do NUL and other control characters. The bytes are not decoded, unless a {@link
 * LineHandler} gets them.
 *
 * <pre>{@code
 * Lines lines = Lines.upTo(1000).crlf();
 * Connector.connect(loop, addresses, ConnectionOptions.DEFAULTS, lines.handler(client));
 * ...
 * lines.write(connection, "EHLO client.example");
 * }</pre>
 *
 * <p>Bytes behind the last line end are an unfinished line. If the stream ends there, the
 * connection is reset and {@link FrameHandler#closed} gets an {@link java.io.EOFException}, because
 * a part of a command could be taken for another command. {@link #acceptUnfinished} changes that.
 *
 * @since 0.1
 */
public final class Lines extends Framing {
    static final byte LF = '\n';
    static final byte CR = '\r';

    private final boolean crlf;
    private final boolean acceptsUnfinished;

    private Lines(int maxBytes, boolean crlf, boolean acceptsUnfinished) {
        super(maxBytes);
        this.crlf = crlf;
        this.acceptsUnfinished = acceptsUnfinished;
    }

    /**
     * Returns lines that are written with LF at their end.
     *
     * @param maxBytes the greatest number of bytes of a received line, 0 or more, without its end
     * @return the format
     * @throws IllegalArgumentException if the number is negative
     */
    public static Lines upTo(int maxBytes) {
        return new Lines(maxBytes, false, false);
    }

    /** {@return the same format, but lines are written with CR and LF at their end} */
    public Lines crlf() {
        return new Lines(maxBytes(), true, acceptsUnfinished);
    }

    /**
     * Returns the same format, but delivers an unfinished last line as if it were finished, before
     * {@link FrameHandler#inputClosed}. A CR at its end is dropped.
     *
     * @return the format; for streams whose writer does not end the last line, such as the output
     *     of a child process
     */
    public Lines acceptUnfinished() {
        return new Lines(maxBytes(), crlf, true);
    }

    /**
     * Sends a line and its end.
     *
     * @param connection the connection
     * @param line the line without its end; empty afterwards
     * @return {@link Connection#isWritable}
     * @throws IllegalArgumentException if it contains LF, so that its reader would get two lines;
     *     nothing is sent
     */
    @Override
    public boolean write(Connection connection, ByteBuffer line) {
        connection.loop().checkThread();
        int feed = LineFeeds.indexOf(line, line.position(), line.limit());
        if (feed < line.limit()) {
            throw new IllegalArgumentException(
                    "cannot write a line to "
                            + connection
                            + ": it contains a line feed after "
                            + (feed - line.position())
                            + " bytes");
        }
        LoopBuffers buffers = ((ConnectionAccess) connection).buffers();
        ByteBuffer ending = buffers.small();
        if (crlf) {
            ending.put(CR);
        }
        ending.put(LF).flip();
        return connection.write(buffers.pair(line, ending), 0, 2);
    }

    /**
     * Sends a line in UTF-8 and its end.
     *
     * @param connection the connection
     * @param line the line without its end
     * @return {@link Connection#isWritable}
     * @throws IllegalArgumentException if it contains LF; nothing is sent
     */
    public boolean write(Connection connection, String line) {
        return write(connection, ByteBuffer.wrap(line.getBytes(StandardCharsets.UTF_8)));
    }

    @Override
    Splitter splitter() {
        return new LineSplitter(maxBytes(), acceptsUnfinished);
    }

    @Override
    public String toString() {
        return "Lines[up to "
                + maxBytes()
                + " bytes"
                + (crlf ? ", CR and LF" : "")
                + (acceptsUnfinished ? ", the last may be unfinished" : "")
                + ']';
    }
}
