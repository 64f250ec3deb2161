/** The poll(2) backend. Only its provider is public. */
package io.uloop.poller.poll;
