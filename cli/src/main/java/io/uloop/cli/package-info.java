/** The {@code uloop} command: servers and tools that use the loop. */
@NullMarked
package io.uloop.cli;

import org.jspecify.annotations.NullMarked;
