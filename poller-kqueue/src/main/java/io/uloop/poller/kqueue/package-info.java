/** The kqueue backend. Only its provider is public. */
package io.uloop.poller.kqueue;
