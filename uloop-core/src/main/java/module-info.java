import org.jspecify.annotations.NullMarked;

/** The event loop with its timers and tasks, non-blocking channels and other event sources. */
@NullMarked
module io.uloop {
    requires transitive io.uloop.poller;
    requires static transitive org.jspecify;
    requires static java.management;
    requires static jdk.jfr;
    requires static jdk.management; // the limit of direct memory
    requires org.jctools.core;
    requires jdk.unsupported; // sun.misc.Signal

    exports io.uloop;
    exports io.uloop.connection;
    exports io.uloop.connection.frames;
    exports io.uloop.fiber;
    exports io.uloop.group;
    exports io.uloop.live;
    exports io.uloop.net;
    exports io.uloop.process;
    exports io.uloop.source;
    exports io.uloop.terminal;
}
