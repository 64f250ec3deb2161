import org.jspecify.annotations.NullMarked;

/**
 * The poller API: an interface for the readiness of descriptors, the event bits it uses, and the
 * lookup of the backends that implement it.
 */
@NullMarked
module io.uloop.poller {
    requires static transitive org.jspecify;

    exports io.uloop.poller;
    exports io.uloop.poller.spi;

    uses io.uloop.poller.PollerProvider;
}
