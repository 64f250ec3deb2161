import org.jspecify.annotations.NullMarked;

/**
 * The one place that sees JNR: libc, errno, descriptors and sockets for the native backends. No
 * user calls it.
 */
@NullMarked
@SuppressWarnings("module") // the backends are built after this module
module io.uloop.poller.posix {
    requires transitive io.uloop.poller;
    requires org.jnrproject.constants;
    requires org.jnrproject.ffi;
    requires org.jnrproject.jffi;
    requires org.jnrproject.posix;

    // JNR, an automatic module, cannot say that it needs them.
    requires org.objectweb.asm.commons;
    requires org.objectweb.asm.util;

    exports io.uloop.poller.posix to
            io.uloop.poller.epoll,
            io.uloop.poller.kqueue,
            io.uloop.poller.poll;

    // The stubs that JNR generates are in an unnamed module and implement the interfaces here.
    opens io.uloop.poller.posix;
}
