/**
 * A page that shows what loops do, for a browser on the same machine. {@link
 * io.uloop.live.LivePage} serves it.
 */
@NullMarked
package io.uloop.live;

import org.jspecify.annotations.NullMarked;
