import org.jspecify.annotations.NullMarked;

/**
 * The poller contract as JUnit classes. To test a backend, from this project or another one,
 * subclass {@link io.uloop.poller.tck.PollerContract}.
 */
@NullMarked
module io.uloop.poller.tck {
    requires static transitive org.jspecify;
    requires transitive io.uloop.poller;
    requires static com.tngtech.archunit;
    requires java.management;
    requires transitive org.junit.jupiter.api;

    exports io.uloop.poller.tck;
    exports io.uloop.poller.tck.arch;
    exports io.uloop.poller.tck.fuzz;

    opens io.uloop.poller.tck to
            org.junit.platform.commons;
    opens io.uloop.poller.tck.fuzz to
            org.junit.platform.commons;
}
