/** The poll(2) backend; its provider is all that a user may meet. */
package io.uloop.poller.poll;
