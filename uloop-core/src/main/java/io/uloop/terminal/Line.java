package io.uloop.terminal;

import io.uloop.Uloop;
import io.uloop.poller.Descriptors;
import io.uloop.poller.Errno;
import io.uloop.poller.NativeDescriptors;
import io.uloop.poller.NativeTerminals;
import io.uloop.poller.PollerException;
import io.uloop.source.InputHandler;
import io.uloop.stream.DuplexSource;
import io.uloop.stream.Receiver;
import io.uloop.stream.Source;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** An open {@code tty} device on a loop, whose modes are restored when it is closed. */
final class Line {
    /** The errno of a read after the device is gone. */
    private static final Errno END = Errno.EIO;

    private final DuplexSource duplex;
    private final SavedModes saved;

    /** Closes the descriptor, without referring to its source. */
    private record Closing(Descriptors io, int fd, SavedModes saved) implements Closeable {
        @Override
        public void close() throws IOException {
            saved.restoreForClose();
            io.close(fd);
        }
    }

    private Line(DuplexSource duplex, SavedModes saved) {
        this.duplex = duplex;
        this.saved = saved;
    }

    /**
     * Opens a device without making it the controlling terminal, and without registering it.
     *
     * @param type the public class that the program closes
     */
    static Line open(Uloop loop, Class<?> type, Path device, InputHandler handler)
            throws IOException {
        NativeDescriptors io = NativeDescriptors.of(loop.provider());
        NativeTerminals terminals = io.terminals();
        int fd = io.open(device, StandardOpenOption.READ, StandardOpenOption.WRITE);
        SavedModes saved = new SavedModes(terminals, fd);
        Source source = new Source(loop, type, fd, new Closing(io, fd, saved));
        try {
            requireTerminal(terminals, fd, device);
            Receiver receiver = new Receiver(handler::received, handler::ended, handler::failed);
            return new Line(new DuplexSource(source, receiver, END), saved);
        } catch (IOException | RuntimeException | Error e) {
            source.closeAfter(e);
            throw e;
        }
    }

    private static void requireTerminal(NativeTerminals terminals, int fd, Path device)
            throws PollerException {
        if (!terminals.isTerminal(fd)) {
            throw new PollerException(
                    "open",
                    device.toString(),
                    fd,
                    Errno.ENOTTY,
                    "this file is neither a terminal nor a serial line");
        }
    }

    DuplexSource duplex() {
        return duplex;
    }

    Source source() {
        return duplex.source();
    }

    /** Reads from the device. */
    @FunctionalInterface
    interface Reading<T> {
        T of(NativeTerminals terminals, int fd) throws PollerException;
    }

    <T> T read(Reading<T> reading) throws PollerException {
        Source source = source();
        source.requireOpen();
        T result = reading.of(source.nativeDescriptors().terminals(), source.fd());
        source.keep();
        return result;
    }

    /** Changes the device. */
    @FunctionalInterface
    interface Change {
        void apply(NativeTerminals terminals, int fd) throws PollerException;
    }

    /** Changes the modes, which are restored later. */
    void change(Change change) throws PollerException {
        source().requireOpen();
        saved.change(change);
        source().keep();
    }

    /** Changes the device without saving its modes. */
    void apply(Change change) throws PollerException {
        Source source = source();
        source.requireOpen();
        change.apply(source.nativeDescriptors().terminals(), source.fd());
        source.keep();
    }

    void startBreak() throws PollerException {
        source().requireOpen();
        saved.startBreak();
        source().keep();
    }

    void endBreak() throws PollerException {
        if (source().isOpen()) {
            saved.endBreak();
            source().keep();
        }
    }

    void restore() throws PollerException {
        source().requireOpen();
        saved.restore();
        source().keep();
    }
}
