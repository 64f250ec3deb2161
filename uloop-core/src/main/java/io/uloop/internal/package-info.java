/**
 * What the packages of this module need of a loop beyond its public methods. There is one way to
 * it: {@link io.uloop.internal.LoopAccess#of}.
 */
package io.uloop.internal;
