import org.jspecify.annotations.NullMarked;

/**
 * The pure NIO fallback backend, which needs no native code and runs on every platform with a JDK.
 */
@NullMarked
module io.uloop.poller.select {
    requires transitive io.uloop.poller;

    exports io.uloop.poller.select;

    provides io.uloop.poller.PollerProvider with
            io.uloop.poller.select.SelectProvider;
}
