import org.jspecify.annotations.NullMarked;

/** The kqueue backend, for macOS, FreeBSD, OpenBSD and DragonFly. */
@NullMarked
module io.uloop.poller.kqueue {
    requires transitive io.uloop.poller;
    requires io.uloop.poller.posix;

    provides io.uloop.poller.PollerProvider with
            io.uloop.poller.kqueue.KqueueProvider;

    exports io.uloop.poller.kqueue;

    // JNR's stubs are in an unnamed module and implement the interface here, those of the other
    // binding are defined here.
    opens io.uloop.poller.kqueue;
}
