/** Short programs that show one feature each. */
@NullMarked
package io.uloop.examples;

import org.jspecify.annotations.NullMarked;
