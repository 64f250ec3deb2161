import org.jspecify.annotations.NullMarked;

/** The poll(2) backend, for every POSIX system. */
@NullMarked
module io.uloop.poller.poll {
    requires transitive io.uloop.poller;
    requires io.uloop.poller.posix;

    provides io.uloop.poller.PollerProvider with
            io.uloop.poller.poll.PollProvider;

    exports io.uloop.poller.poll;
}
