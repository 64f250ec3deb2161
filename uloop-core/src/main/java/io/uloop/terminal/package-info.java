/**
 * Terminals and serial lines on a loop, with their modes and settings. Requires a native backend.
 */
package io.uloop.terminal;
