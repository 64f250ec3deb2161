/**
 * Accounts for the memory that the connections of a loop hold, and ends those that hold too much.
 */
package io.uloop.memory;
