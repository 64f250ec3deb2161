/** Memory that is shared with the kernel, and buffers whose memory may be. */
package io.uloop.poller.posix.memory;
