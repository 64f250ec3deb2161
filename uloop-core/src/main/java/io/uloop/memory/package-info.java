/**
 * The memory that the connections of a loop hold: their buffers, and the accounting for them.
 * Connections that hold too much are ended.
 */
package io.uloop.memory;
