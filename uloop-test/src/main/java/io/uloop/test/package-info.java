/**
 * Tests of handlers: a loop per test, sockets and pipes to register, a clock that the test moves,
 * and a check for descriptors that stay open. Start with {@link io.uloop.test.UloopExtension}.
 */
package io.uloop.test;
