import org.jspecify.annotations.NullMarked;

/**
 * Calls libc through JNR for the native backends, and is the only module that does so. Internal to
 * Uloop.
 */
@NullMarked
@SuppressWarnings("module") // the backends are built after this module
module io.uloop.poller.posix {
    requires transitive io.uloop.poller;
    requires org.jnrproject.constants;
    requires org.jnrproject.ffi;
    requires org.jnrproject.jffi;
    requires org.jnrproject.posix;

    // Required by JNR, which is an automatic module and cannot declare it.
    requires org.objectweb.asm.commons;
    requires org.objectweb.asm.util;

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

    // JNR's generated stubs are in an unnamed module and implement the interfaces here.
    opens io.uloop.poller.posix.call;
}
