/** The epoll backend. Only its provider is public. */
package io.uloop.poller.epoll;
