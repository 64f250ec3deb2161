/**
 * Groups of loops, each on its own thread. Start with {@link io.uloop.group.UloopGroup#builder}.
 */
package io.uloop.group;
