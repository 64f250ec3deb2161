import org.jspecify.annotations.NullMarked;

/** The pure-NIO fallback backend: no native code, every platform that has a JDK. */
@NullMarked
module io.uloop.poller.select {
    requires transitive io.uloop.poller;

    exports io.uloop.poller.select;

    provides io.uloop.poller.PollerProvider with
            io.uloop.poller.select.SelectProvider;
}
