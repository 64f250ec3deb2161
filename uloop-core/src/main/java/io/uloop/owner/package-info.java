/** The owners of what is open, and what happens to it if the program forgets them. */
package io.uloop.owner;
