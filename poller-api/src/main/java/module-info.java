import org.jspecify.annotations.NullMarked;

/**
 * The poller contract: readiness of descriptors as one small interface, the event bits it speaks,
 * and the lookup of the backends that implement it.
 */
@NullMarked
module io.uloop.poller {
    requires static transitive org.jspecify;

    exports io.uloop.poller;
    exports io.uloop.poller.spi;

    uses io.uloop.poller.PollerProvider;
}
