package io.uloop.poller;

/**
 * The errors of system calls, by their names in errno(3). Their numbers differ between systems, and
 * no system has all of them.
 *
 * @see PollerException#errno
 * @see <a href="https://man7.org/linux/man-pages/man3/errno.3.html">errno(3)</a>
 * @since 0.1
 */
public enum Errno {
    /** The operation is not permitted, or not supported for this kind of file. */
    EPERM,

    /** The file, or the registration, does not exist. */
    ENOENT,

    /** The process does not exist. */
    ESRCH,

    /** A signal interrupted the call. Never thrown, because the call is repeated. */
    EINTR,

    /** The device or file system failed, or the error has no more specific errno. */
    EIO,

    /** The device does not exist, or the FIFO has no reader. */
    ENXIO,

    /** The argument list is too long. */
    E2BIG,

    /** The number is not an open descriptor, or not open in this direction. */
    EBADF,

    /** The process has no such child. */
    ECHILD,

    /** The call would cause a deadlock. */
    EDEADLK,

    /** The kernel is out of memory. */
    ENOMEM,

    /** Permission is denied. */
    EACCES,

    /** An address is invalid. */
    EFAULT,

    /** The device or file is in use. */
    EBUSY,

    /** The file, or the registration, already exists. */
    EEXIST,

    /** The files are on different file systems. */
    EXDEV,

    /** The device does not support the operation. */
    ENODEV,

    /** A component of the path is not a directory. */
    ENOTDIR,

    /** The file is a directory. */
    EISDIR,

    /** An argument is invalid for this call or this kind of file. */
    EINVAL,

    /** The system is out of descriptors. */
    ENFILE,

    /** The process is out of descriptors. */
    EMFILE,

    /** The descriptor is not a terminal. */
    ENOTTY,

    /** The file is being executed. */
    ETXTBSY,

    /** The file is too large. */
    EFBIG,

    /** The device is full, or a limit of the kernel is reached. */
    ENOSPC,

    /** The descriptor has no position. */
    ESPIPE,

    /** The file system is read-only. */
    EROFS,

    /** The file has too many links. */
    EMLINK,

    /** The pipe has no reader, or the socket's output is closed. */
    EPIPE,

    /** An argument is outside the domain of the function. */
    EDOM,

    /** A result is out of range. */
    ERANGE,

    /** The call would block, or a resource is temporarily unavailable. Same as EWOULDBLOCK. */
    EAGAIN,

    /** The connect is in progress. */
    EINPROGRESS,

    /** Another connect is in progress. */
    EALREADY,

    /** The descriptor is not a socket. */
    ENOTSOCK,

    /** The datagram has no receiver. */
    EDESTADDRREQ,

    /** The message is too long. */
    EMSGSIZE,

    /** The protocol does not fit the type of the socket. */
    EPROTOTYPE,

    /** The socket does not have the option. */
    ENOPROTOOPT,

    /** The protocol is not supported. */
    EPROTONOSUPPORT,

    /** The type of socket is not supported. */
    ESOCKTNOSUPPORT,

    /** The socket or file does not support the operation. */
    EOPNOTSUPP,

    /** The operation is not supported. Same as EOPNOTSUPP on Linux. */
    ENOTSUP,

    /** The protocol family is not supported. */
    EPFNOSUPPORT,

    /** The address family is not supported, or differs from that of the socket. */
    EAFNOSUPPORT,

    /** The address is in use. */
    EADDRINUSE,

    /** The address is not one of this machine, or no local port is free. */
    EADDRNOTAVAIL,

    /** The network is down. */
    ENETDOWN,

    /** The network is unreachable. */
    ENETUNREACH,

    /** The network dropped the connection. */
    ENETRESET,

    /** The connection was aborted. */
    ECONNABORTED,

    /** The peer reset the connection. */
    ECONNRESET,

    /** The kernel is out of buffers. */
    ENOBUFS,

    /** The socket is already connected. */
    EISCONN,

    /** The socket is not connected. */
    ENOTCONN,

    /** The socket is shut down. */
    ESHUTDOWN,

    /** Too many descriptors are in flight. */
    ETOOMANYREFS,

    /** The peer did not answer in time. */
    ETIMEDOUT,

    /** The peer refused the connection or an earlier datagram. */
    ECONNREFUSED,

    /** The path has too many symbolic links. */
    ELOOP,

    /** The path is too long. */
    ENAMETOOLONG,

    /** The host is down. */
    EHOSTDOWN,

    /** The host is unreachable. */
    EHOSTUNREACH,

    /** The directory is not empty. */
    ENOTEMPTY,

    /** The system has too many users. */
    EUSERS,

    /** The user's quota of disk space is used up. */
    EDQUOT,

    /** The file on a network file system no longer exists. */
    ESTALE,

    /** The system is out of locks. */
    ENOLCK,

    /** The kernel does not have the call. */
    ENOSYS,

    /** A value does not fit its type. */
    EOVERFLOW,

    /** The bytes are not valid in the encoding. */
    EILSEQ,

    /** The message is malformed. */
    EBADMSG,

    /** The machine is not on the network. */
    ENONET,

    /** A protocol error occurred. */
    EPROTO,

    /** The timer expired. */
    ETIME,

    /** The operation was canceled. */
    ECANCELED,

    /** The required key is not available. */
    ENOKEY,

    /** The remote device failed. */
    EREMOTEIO,

    /** The owner of the lock died. */
    EOWNERDEAD,

    /** The lock cannot be recovered. */
    ENOTRECOVERABLE,

    /** The authentication failed. */
    EAUTH,

    /** The call is not permitted in capability mode. */
    ECAPMODE,

    /** The descriptor lacks the capability. */
    ENOTCAPABLE,

    /** Any other error. The message of the exception contains its name or number. */
    OTHER
}
