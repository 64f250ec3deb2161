/** The kqueue backend; its provider is all that a user may meet. */
package io.uloop.poller.kqueue;
