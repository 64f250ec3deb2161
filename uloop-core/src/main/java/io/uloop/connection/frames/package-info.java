/**
 * Frames on connections: lines, and messages behind their length.
 *
 * <p>TCP delivers bytes, not messages. A {@link io.uloop.connection.frames.Framing} divides the
 * bytes of a {@link io.uloop.connection.Connection} into frames for a {@link
 * io.uloop.connection.frames.FrameHandler}, and writes frames.
 *
 * <table>
 * <caption>Which class to use</caption>
 * <tr><th>for</th><th>use</th></tr>
 * <tr><td>lines as strings</td><td>{@link io.uloop.connection.frames.Lines} and {@link
 * io.uloop.connection.frames.LineHandler}</td></tr>
 * <tr><td>lines as bytes</td><td>{@link io.uloop.connection.frames.Lines} and {@link
 * io.uloop.connection.frames.FrameHandler}</td></tr>
 * <tr><td>messages behind their length</td><td>{@link io.uloop.connection.frames.LengthPrefix}
 * and {@link io.uloop.connection.frames.FrameHandler}</td></tr>
 * </table>
 */
package io.uloop.connection.frames;
