/**
 * What the packages of this module need of a loop beyond its public methods, and of a connection.
 * The ways to them are {@link io.uloop.internal.LoopAccess#of} and {@link
 * io.uloop.internal.ConnectionAccess}.
 */
package io.uloop.internal;
