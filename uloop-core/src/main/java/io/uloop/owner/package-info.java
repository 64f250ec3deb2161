/** The owners of what is open, and what becomes of it if the program forgets them. */
package io.uloop.owner;
