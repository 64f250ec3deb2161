import org.jspecify.annotations.NullMarked;

/** A JUnit extension for tests of programs on Uloop. */
@NullMarked
module io.uloop.test {
    requires static transitive org.jspecify;
    requires transitive io.uloop;
    requires transitive io.uloop.poller.tck;

    exports io.uloop.test;
}
