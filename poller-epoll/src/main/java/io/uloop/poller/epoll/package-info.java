/** The epoll backend; its provider is all that a user may meet. */
package io.uloop.poller.epoll;
