package io.uloop.fiber;

import io.uloop.net.PipeChannel;
import io.uloop.poller.UEvent;
import java.io.IOException;

/**
 * Any other file descriptor, whose operations wait: one end of a pipe, a FIFO, a pseudo-terminal, a
 * serial line, a timerfd, an eventfd or an inotify descriptor.
 *
 * <pre>{@code
 * NativeDescriptors descriptors = NativeDescriptors.of(loop.provider());
 * int fd = descriptors.open(Path.of("/dev/ttyUSB0"), StandardOpenOption.READ);
 * try (FiberDescriptor line = FiberDescriptor.adopt(fibers, fd)) {
 *     var reader = new InputStreamReader(line.inputStream(), StandardCharsets.US_ASCII);
 *     new BufferedReader(reader).lines().forEach(this::handle);
 * }
 * }</pre>
 *
 * <p>Thread-safe, see {@link FiberStream}.
 *
 * @since 0.1
 */
public final class FiberDescriptor extends DescriptorStream {
    private FiberDescriptor(Scheduler scheduler, PipeChannel channel) {
        super(
                scheduler,
                channel,
                scheduler.interest(UEvent.IN | UEvent.OUT),
                Readiness.READ | Readiness.WRITE,
                false);
    }

    /**
     * Takes over a descriptor.
     *
     * @param fibers whose loop serves the descriptor
     * @param fd one of the loop's {@link io.uloop.Uloop#descriptors}, not registered; owned by the
     *     result from now on
     * @return the descriptor
     * @throws IOException as {@link PipeChannel#adopt}; the descriptor then stays the caller's
     */
    public static FiberDescriptor adopt(Fibers fibers, int fd) throws IOException {
        Scheduler scheduler = fibers.scheduler();
        return new FiberDescriptor(scheduler, PipeChannel.adopt(scheduler.loop(), fd));
    }
}
