/** Descriptors that event sources own, and streams of bytes on them. */
package io.uloop.stream;
