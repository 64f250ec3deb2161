package io.uloop.poller.posix.call;

import io.uloop.poller.Errno;

/**
 * The errnos of each system, from their headers, in the order of {@link OperatingSystem}.
 * Thread-safe.
 */
final class ErrnoNumbers {
    private final OperatingSystem system;

    ErrnoNumbers(OperatingSystem system) {
        this.system = system;
    }

    /** {@return the number of an errno, or {@link Constant#NONE}} */
    int number(Errno errno) {
        return switch (errno) {
            case EPERM -> of(1);
            case ENOENT -> of(2);
            case ESRCH -> of(3);
            case EINTR -> of(4);
            case EIO -> of(5);
            case ENXIO -> of(6);
            case E2BIG -> of(7);
            case EBADF -> of(9);
            case ECHILD -> of(10);
            case EDEADLK -> of(35, 45, 11, 11, 11, 11);
            case ENOMEM -> of(12);
            case EACCES -> of(13);
            case EFAULT -> of(14);
            case EBUSY -> of(16);
            case EEXIST -> of(17);
            case EXDEV -> of(18);
            case ENODEV -> of(19);
            case ENOTDIR -> of(20);
            case EISDIR -> of(21);
            case EINVAL -> of(22);
            case ENFILE -> of(23);
            case EMFILE -> of(24);
            case ENOTTY -> of(25);
            case ETXTBSY -> of(26);
            case EFBIG -> of(27);
            case ENOSPC -> of(28);
            case ESPIPE -> of(29);
            case EROFS -> of(30);
            case EMLINK -> of(31);
            case EPIPE -> of(32);
            case EDOM -> of(33);
            case ERANGE -> of(34);
            case EAGAIN -> of(11, 11, 35, 35, 35, 35);
            case EINPROGRESS -> of(115, 150, 36, 36, 36, 36);
            case EALREADY -> of(114, 149, 37, 37, 37, 37);
            case ENOTSOCK -> of(88, 95, 38, 38, 38, 38);
            case EDESTADDRREQ -> of(89, 96, 39, 39, 39, 39);
            case EMSGSIZE -> of(90, 97, 40, 40, 40, 40);
            case EPROTOTYPE -> of(91, 98, 41, 41, 41, 41);
            case ENOPROTOOPT -> of(92, 99, 42, 42, 42, 42);
            case EPROTONOSUPPORT -> of(93, 120, 43, 43, 43, 43);
            case ESOCKTNOSUPPORT -> of(94, 121, 44, 44, 44, 44);
            case EOPNOTSUPP -> of(95, 122, 102, 45, 45, 45);
            case ENOTSUP -> of(95, 122, 45, 45, 91, 45);
            case EPFNOSUPPORT -> of(96, 123, 46, 46, 46, 46);
            case EAFNOSUPPORT -> of(97, 124, 47, 47, 47, 47);
            case EADDRINUSE -> of(98, 125, 48, 48, 48, 48);
            case EADDRNOTAVAIL -> of(99, 126, 49, 49, 49, 49);
            case ENETDOWN -> of(100, 127, 50, 50, 50, 50);
            case ENETUNREACH -> of(101, 128, 51, 51, 51, 51);
            case ENETRESET -> of(102, 129, 52, 52, 52, 52);
            case ECONNABORTED -> of(103, 130, 53, 53, 53, 53);
            case ECONNRESET -> of(104, 131, 54, 54, 54, 54);
            case ENOBUFS -> of(105, 132, 55, 55, 55, 55);
            case EISCONN -> of(106, 133, 56, 56, 56, 56);
            case ENOTCONN -> of(107, 134, 57, 57, 57, 57);
            case ESHUTDOWN -> of(108, 143, 58, 58, 58, 58);
            case ETOOMANYREFS -> of(109, 144, 59, 59, 59, 59);
            case ETIMEDOUT -> of(110, 145, 60, 60, 60, 60);
            case ECONNREFUSED -> of(111, 146, 61, 61, 61, 61);
            case ELOOP -> of(40, 90, 62, 62, 62, 62);
            case ENAMETOOLONG -> of(36, 78, 63, 63, 63, 63);
            case EHOSTDOWN -> of(112, 147, 64, 64, 64, 64);
            case EHOSTUNREACH -> of(113, 148, 65, 65, 65, 65);
            case ENOTEMPTY -> of(39, 93, 66, 66, 66, 66);
            case EUSERS -> of(87, 94, 68, 68, 68, 68);
            case EDQUOT -> of(122, 1133, 69, 69, 69, 69);
            case ESTALE -> of(116, 151, 70, 70, 70, 70);
            case ENOLCK -> of(37, 46, 77, 77, 77, 77);
            case ENOSYS -> of(38, 89, 78, 78, 78, 78);
            case EOVERFLOW -> of(75, 79, 84, 84, 87, 84);
            case EILSEQ -> of(84, 88, 92, 86, 84, 86);
            case EBADMSG -> of(74, 77, 94, 89, 92, 89);
            case ENONET -> of(64, 64, Constant.NONE, Constant.NONE, Constant.NONE, Constant.NONE);
            case EPROTO -> of(71, 71, 100, 92, 95, 92);
            case ETIME -> of(62, 62, 101, Constant.NONE, Constant.NONE, Constant.NONE);
            case ECANCELED -> of(125, 158, 89, 85, 88, 85);
            case ENOKEY -> of(126, 161, Constant.NONE, Constant.NONE, Constant.NONE, Constant.NONE);
            case EREMOTEIO ->
                    of(121, 140, Constant.NONE, Constant.NONE, Constant.NONE, Constant.NONE);
            case EOWNERDEAD -> of(130, 165, 105, 96, 94, Constant.NONE);
            case ENOTRECOVERABLE -> of(131, 166, 104, 95, 93, Constant.NONE);
            case EAUTH -> of(Constant.NONE, Constant.NONE, 80, 80, 80, 80);
            case ECAPMODE ->
                    of(
                            Constant.NONE,
                            Constant.NONE,
                            Constant.NONE,
                            94,
                            Constant.NONE,
                            Constant.NONE);
            case ENOTCAPABLE ->
                    of(
                            Constant.NONE,
                            Constant.NONE,
                            Constant.NONE,
                            93,
                            Constant.NONE,
                            Constant.NONE);
            case OTHER -> Constant.NONE;
        };
    }

    private int of(int number) {
        return of(number, number, number, number, number, number);
    }

    private int of(
            int linux, int linuxOnMips, int darwin, int freebsd, int openbsd, int dragonfly) {
        return system.choose(linux, linuxOnMips, darwin, freebsd, openbsd, dragonfly);
    }
}
