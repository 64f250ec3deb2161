/** Opens and configures sockets, and moves datagrams and descriptors between them. */
package io.uloop.poller.posix.socket;
