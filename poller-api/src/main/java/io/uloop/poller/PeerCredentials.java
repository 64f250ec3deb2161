package io.uloop.poller;

/**
 * The process at the other end of a unix-domain connection, as the kernel noted it when the
 * connection was made. The process may have ended or given its socket to another one since.
 *
 * @param pid the process ID; -1 if the system does not tell it
 * @param uid the effective user ID, 0 or more
 * @param gid the effective group ID, 0 or more
 * @since 0.1
 */
public record PeerCredentials(long pid, long uid, long gid) {}
