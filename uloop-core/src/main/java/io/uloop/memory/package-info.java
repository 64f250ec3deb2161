/**
 * Accounting for the memory that the connections of a loop hold. Connections that hold too much are
 * ended.
 */
package io.uloop.memory;
