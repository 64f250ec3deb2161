import org.jspecify.annotations.NullMarked;

/**
 * Calls libc through {@code java.lang.foreign} or JNR for the native backends, and is the only
 * module that does so. Internal to Uloop.
 */
@NullMarked
@SuppressWarnings("module") // the backends are built after this module
module io.uloop.poller.posix {
    requires transitive io.uloop.poller;

    // Needed on JDK 17 to 21 only. They are automatic modules, of which jlink makes no image.
    requires static org.jnrproject.ffi;
    requires static org.jnrproject.jffi;

    exports io.uloop.poller.posix to
            io.uloop.poller.epoll,
            io.uloop.poller.kqueue,
            io.uloop.poller.poll;
    exports io.uloop.poller.posix.call to
            io.uloop.poller.epoll,
            io.uloop.poller.kqueue,
            io.uloop.poller.poll;
    exports io.uloop.poller.posix.file to
            io.uloop.poller.epoll,
            io.uloop.poller.kqueue,
            io.uloop.poller.poll;
    exports io.uloop.poller.posix.memory to
            io.uloop.poller.epoll,
            io.uloop.poller.kqueue,
            io.uloop.poller.poll;

    // JNR's stubs are in an unnamed module and implement the interfaces here.
    opens io.uloop.poller.posix.call;
}
