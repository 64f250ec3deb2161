/** Example servers and the {@code uloop} command line. */
@NullMarked
package io.uloop.examples;

import org.jspecify.annotations.NullMarked;
