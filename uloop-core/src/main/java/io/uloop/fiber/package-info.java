/**
 * Straight-line code on a loop: fibers, and channels whose operations wait.
 *
 * <p>{@link io.uloop.fiber.Fibers} starts fibers on a {@link io.uloop.Uloop}. In them, the
 * operations of these classes wait without holding up the loop:
 *
 * <table>
 * <caption>Which class to use</caption>
 * <tr><th>to</th><th>use</th></tr>
 * <tr><td>accept TCP or unix-domain connections</td><td>{@link io.uloop.fiber.FiberListener}</td></tr>
 * <tr><td>exchange bytes over TCP or a unix-domain socket</td><td>{@link
 * io.uloop.fiber.FiberSocket}</td></tr>
 * <tr><td>exchange bytes over TLS</td><td>{@link io.uloop.fiber.FiberTls}</td></tr>
 * <tr><td>exchange datagrams</td><td>{@link io.uloop.fiber.FiberDatagramSocket}</td></tr>
 * <tr><td>read or write anything else that has a descriptor</td><td>{@link
 * io.uloop.fiber.FiberDescriptor}</td></tr>
 * <tr><td>wait for a descriptor that other code reads</td><td>{@link
 * io.uloop.fiber.Fibers#awaitReady(int, int)}</td></tr>
 * <tr><td>do blocking or long work without holding up the loop</td><td>{@link
 * io.uloop.Uloop#callIn}, whose future a fiber may wait for</td></tr>
 * </table>
 *
 * @see io.uloop.fiber.FiberMode
 */
package io.uloop.fiber;
