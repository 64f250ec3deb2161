/** Opens and identifies descriptors of any kind, and moves bytes between them and buffers. */
package io.uloop.poller.posix.file;
