import org.jspecify.annotations.NullMarked;

/** The epoll backend, for Linux. */
@NullMarked
module io.uloop.poller.epoll {
    requires transitive io.uloop.poller;
    requires io.uloop.poller.posix;

    provides io.uloop.poller.PollerProvider with
            io.uloop.poller.epoll.EpollProvider;

    exports io.uloop.poller.epoll;
}
