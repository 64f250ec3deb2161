package io.uloop.examples;

import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.TRUNCATE_EXISTING;
import static java.nio.file.StandardOpenOption.WRITE;

import io.uloop.EmbeddedLoop;
import io.uloop.EventHandler;
import io.uloop.LoopClose;
import io.uloop.LoopDump;
import io.uloop.ReadWriteProcs;
import io.uloop.Registration;
import io.uloop.Uloop;
import io.uloop.connection.Connection;
import io.uloop.connection.ConnectionHandler;
import io.uloop.connection.ConnectionOptions;
import io.uloop.connection.Connector;
import io.uloop.connection.TlsOptions;
import io.uloop.connection.frames.FrameHandler;
import io.uloop.connection.frames.LengthPrefix;
import io.uloop.connection.frames.LineHandler;
import io.uloop.connection.frames.Lines;
import io.uloop.fiber.FiberDescriptor;
import io.uloop.fiber.FiberListener;
import io.uloop.fiber.FiberSocket;
import io.uloop.fiber.FiberTls;
import io.uloop.fiber.Fibers;
import io.uloop.group.GroupListener;
import io.uloop.group.Spread;
import io.uloop.group.UloopGroup;
import io.uloop.live.LivePage;
import io.uloop.net.AcceptHandler;
import io.uloop.net.DatagramQueue;
import io.uloop.net.DatagramQueueHandler;
import io.uloop.net.PipeChannel;
import io.uloop.net.SocketActivation;
import io.uloop.net.TcpChannel;
import io.uloop.net.TcpListener;
import io.uloop.net.UdpChannel;
import io.uloop.net.UnixDatagramChannel;
import io.uloop.net.UnixListener;
import io.uloop.poller.DatagramAddress;
import io.uloop.poller.Descriptors;
import io.uloop.poller.EventSink;
import io.uloop.poller.LineSettings;
import io.uloop.poller.LineSettings.FlowControl;
import io.uloop.poller.NativeDescriptors;
import io.uloop.poller.Poller;
import io.uloop.poller.PollerProvider;
import io.uloop.poller.Pollers;
import io.uloop.poller.UEvent;
import io.uloop.poller.UnixAddress;
import io.uloop.poller.WindowSize;
import io.uloop.poller.epoll.EpollProvider;
import io.uloop.poller.spi.ReadinessPoller;
import io.uloop.poller.tck.PollerContract;
import io.uloop.process.ChildCommand;
import io.uloop.process.ChildProcess;
import io.uloop.process.Exits;
import io.uloop.process.Signals;
import io.uloop.source.EventFd;
import io.uloop.source.FifoReader;
import io.uloop.source.FileEvent;
import io.uloop.source.FileWatcher;
import io.uloop.source.InputHandler;
import io.uloop.source.Pty;
import io.uloop.source.StandardInput;
import io.uloop.source.StandardOutput;
import io.uloop.source.TimerFd;
import io.uloop.terminal.SerialLine;
import io.uloop.terminal.Terminal;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** Code that pages and Javadoc show, so that it is compiled. It is not run. */
abstract class Snippets {
    private static final ConnectionOptions options = ConnectionOptions.DEFAULTS;

    abstract void read(int fd);

    abstract void read(TcpChannel channel);

    abstract void report();

    abstract void expire();

    abstract void collect();

    abstract void rotate();

    abstract void handle(int fd, int events);

    abstract void answer(@Nullable SocketAddress sender);

    abstract void expired(long count);

    abstract void counted(long count);

    abstract void work(EventFd counter);

    abstract void created(@Nullable Path name);

    abstract void exited(Process process, int status);

    abstract void ended(int status);

    abstract void draw(WindowSize size);

    abstract void echo(FiberSocket socket);

    abstract void serve(FiberSocket socket);

    abstract void handle(String line);

    abstract void readQuery(int fd, Object client, int events);

    abstract void sendReply(int fd, Object client, int events);

    void loop(int fd) throws IOException {
        try (Uloop loop = Uloop.open()) {
            loop.add(fd, UEvent.IN, (ready, events) -> read(ready));
            loop.callEvery(Duration.ofSeconds(10), this::report);
            loop.run();
        }
    }

    void registration(Uloop loop, int fd, EventHandler handler) throws IOException {
        Registration registration = loop.add(fd, UEvent.IN, handler);
        registration.modify(UEvent.IN | UEvent.OUT);
        registration.close();
    }

    void timer(Uloop loop, Instant midnight) {
        loop.callLater(Duration.ofSeconds(1), this::expire);
        loop.callEvery(Duration.ofSeconds(10), this::report);
        loop.callLater(Duration.ZERO, this::collect).repeatAfter(Duration.ofMinutes(1));
        loop.callAt(midnight, this::rotate).repeatEvery(Duration.ofDays(1));
    }

    void procs(Uloop loop, int fd, Object client) throws IOException {
        ReadWriteProcs procs = new ReadWriteProcs(loop, fd);
        procs.setReader(this::readQuery, client);
        procs.setWriter(this::sendReply, client);
    }

    void timerOfTheKernel(Uloop loop) throws IOException {
        NativeDescriptors io = NativeDescriptors.of(loop.provider());
        ByteBuffer expirations = ByteBuffer.allocateDirect(Long.BYTES);
        int timer = io.timerfd();
        io.setTimer(timer, 1_000_000_000L, 1_000_000_000L); // nanoseconds: first, then every 1 s
        loop.add(timer, UEvent.IN, (fd, events) -> io.read(fd, expirations.clear()));
    }

    void poller(int fd) throws IOException {
        try (Poller poller = Pollers.open()) {
            poller.add(fd, UEvent.IN | UEvent.ONESHOT);
            poller.poll(TimeUnit.SECONDS.toNanos(1), (ready, events) -> handle(ready, events));
        }
    }

    void tcp(Uloop loop) throws IOException {
        TcpListener listener = TcpListener.open(loop, new InetSocketAddress(7000));
        listener.register(channel -> channel.register(UEvent.IN, (fd, events) -> read(channel)));
    }

    void datagramQueue(
            UdpChannel channel,
            DatagramQueueHandler handler,
            ByteBuffer buffer,
            ByteBuffer bytes,
            DatagramAddress target,
            StandardInput source)
            throws IOException {
        DatagramQueue queue = new DatagramQueue(channel, 256, 1500, handler);
        queue.register(UEvent.IN, (fd, events) -> answer(channel.receive(buffer.clear())));
        if (!queue.send(bytes, target)) {
            source.pause(); // until DatagramQueueHandler.writable
        }
    }

    void unixDatagrams(Uloop loop, ByteBuffer buffer) throws IOException {
        UnixDatagramChannel log = UnixDatagramChannel.open(loop, UnixAddress.ofAbstract("log"));
        log.register(UEvent.IN, (fd, events) -> answer(log.receive(buffer.clear())));
    }

    void activation(Uloop loop, AcceptHandler<TcpChannel> handler) throws IOException {
        for (SocketActivation.Passed passed : SocketActivation.descriptors()) {
            TcpListener.adopt(loop, passed.fd()).register(handler);
        }
    }

    void udp(Uloop loop, ByteBuffer buffer) throws IOException {
        UdpChannel channel = UdpChannel.open(loop, new InetSocketAddress(7000));
        channel.register(UEvent.IN, (fd, events) -> answer(channel.receive(buffer.clear())));
    }

    void unix(Uloop loop, Path path) throws IOException {
        Files.deleteIfExists(path);
        UnixListener listener = UnixListener.open(loop, UnixDomainSocketAddress.of(path));
        listener.register(Connection.acceptor(options, EchoHandler::new));
    }

    void pipe(Uloop loop, Path path, ByteBuffer buffer) throws IOException {
        int fd = NativeDescriptors.of(loop.provider()).open(path, StandardOpenOption.READ);
        PipeChannel channel = PipeChannel.adopt(loop, fd);
        channel.register(UEvent.IN, (ready, events) -> channel.read(buffer.clear()));
    }

    static class EchoHandler implements ConnectionHandler {
        @Override
        public void received(Connection connection, ByteBuffer data) {
            if (!connection.write(data)) {
                connection.pauseReading();
            }
        }

        @Override
        public void writable(Connection connection) {
            connection.resumeReading();
        }
    }

    void connection(TcpListener listener) throws IOException {
        ConnectionOptions options =
                ConnectionOptions.builder().idleTimeout(Duration.ofMinutes(5)).build();
        listener.register(Connection.acceptor(options, EchoHandler::new));
    }

    void lineHandler(TcpListener listener) throws IOException {
        Lines lines = Lines.upTo(300);
        LineHandler greet =
                (connection, name) -> {
                    lines.write(connection, "Hello, " + name);
                };
        listener.register(
                Connection.acceptor(ConnectionOptions.DEFAULTS, () -> lines.handler(greet)));
    }

    void lines(
            Uloop loop, List<SocketAddress> addresses, LineHandler client, Connection connection) {
        Lines lines = Lines.upTo(1000).crlf();
        Connector.connect(loop, addresses, ConnectionOptions.DEFAULTS, lines.handler(client));
        lines.write(connection, "EHLO client.example");
    }

    void frames(TcpListener listener) throws IOException {
        LengthPrefix frames = LengthPrefix.bigEndian(4, 1 << 20);
        FrameHandler echo = (connection, frame) -> frames.write(connection, frame);
        listener.register(
                Connection.acceptor(ConnectionOptions.DEFAULTS, () -> frames.handler(echo)));
    }

    void connector(Uloop loop, ConnectionHandler handler) {
        List<InetSocketAddress> addresses = List.of(new InetSocketAddress("localhost", 7000));
        Connector attempt = Connector.connect(loop, addresses, options, handler);
        attempt.cancel();
    }

    void connectorFrom(
            Uloop loop,
            List<InetSocketAddress> addresses,
            InetSocketAddress local,
            ConnectionHandler handler) {
        Connector.connect(loop, addresses, socket -> socket.bind(local), options, handler);
    }

    void line(Uloop loop, Path path, ConnectionHandler handler) throws IOException {
        int line = NativeDescriptors.of(loop.provider()).open(path, READ, WRITE);
        Connection.open(PipeChannel.adopt(loop, line), options, handler);
    }

    void startTls(Connection connection, ByteBuffer ready, TlsOptions tls, ByteBuffer data) {
        connection.write(ready);
        connection.startTls(tls, data);
    }

    ConnectionOptions tls(SSLContext context) {
        TlsOptions tls = TlsOptions.server(context).handshakeTimeout(Duration.ofSeconds(5)).build();
        ConnectionOptions options = ConnectionOptions.builder().tls(tls).build();
        return options;
    }

    void timerFd(Uloop loop) throws IOException {
        TimerFd timer = TimerFd.open(loop, count -> expired(count));
        timer.set(Duration.ofSeconds(1), Duration.ofMillis(20)); // first, then every
    }

    void eventFd(Uloop loop) throws IOException {
        EventFd counter = EventFd.open(loop, count -> counted(count));
        new Thread(() -> work(counter)).start(); // calls counter.add(1)
    }

    void files(Uloop loop, Path folder) throws IOException {
        FileWatcher watcher = FileWatcher.open(loop);
        watcher.watch(folder, FileEvent.CREATE, (watch, events, name, cookie) -> created(name));
    }

    void fifo(Uloop loop, Path path, InputHandler handler) throws IOException {
        FifoReader reader = FifoReader.open(loop, path, handler);
        reader.hold(); // stays open between writers
    }

    void standardInput(Uloop loop, InputHandler handler) throws IOException {
        StandardInput input = StandardInput.open(loop, handler);
        input.close();
    }

    void child(Uloop loop, InputHandler output, InputHandler errors, ByteBuffer lines)
            throws IOException {
        ProcessBuilder sort = new ProcessBuilder("sort");
        ChildProcess child = ChildProcess.start(loop, sort, output, errors, this::exited);
        child.write(lines);
        child.closeInput();
    }

    void childConnection(Uloop loop, ConnectionHandler handler) throws IOException {
        ChildProcess child = ChildProcess.open(loop, new ProcessBuilder("sort"), this::exited);
        Connection.open(child.stream(), options, handler);
    }

    void pty(Uloop loop, InputHandler screen) throws IOException {
        Pty pty = Pty.open(loop, screen);
        pty.setCooked();
        new ChildCommand("sh", "-i").terminal(pty).start(loop, this::exited);
    }

    void childCommand(Uloop loop, Pty pty) throws IOException {
        ChildCommand shell = new ChildCommand("sh", "-i").terminal(pty);
        ChildProcess child = shell.start(loop, (process, status) -> ended(status));
        child.close();
    }

    void childFiles(ChildCommand command, Path input, Path results, Path log) {
        command.inherit(input, 0, READ)
                .inherit(results, 1, WRITE, CREATE, TRUNCATE_EXISTING)
                .inherit(log, 2, WRITE, CREATE, APPEND);
    }

    void livePage(Uloop loop) throws IOException {
        LivePage page = LivePage.open(loop, new InetSocketAddress("127.0.0.1", 7070));
        System.out.println("live at " + page.uri());
    }

    void loopDump(Uloop loop) throws IOException {
        loop.callLater(Duration.ofSeconds(10), () -> System.err.println(LoopDump.of(loop))).unref();
        loop.runUntilIdle();
    }

    LineSettings lineSettings() {
        LineSettings settings = LineSettings.of(115_200).with(FlowControl.HARDWARE);
        return settings;
    }

    void serialLine(Uloop loop, InputHandler handler, ByteBuffer question) throws IOException {
        SerialLine line =
                SerialLine.open(loop, Path.of("/dev/ttyUSB0"), LineSettings.of(115_200), handler);
        line.write(question);
    }

    void terminal(Uloop loop, InputHandler keys) throws IOException {
        Terminal terminal = Terminal.open(loop, keys);
        terminal.setRaw();
        terminal.onResize(size -> draw(size));
    }

    void standardOutput(Uloop loop, ByteBuffer bytes) throws IOException {
        StandardOutput output = StandardOutput.open(loop);
        if (output.write(bytes) == 0 && bytes.hasRemaining()) {
            output.awaitWritable(() -> output.write(bytes));
        }
    }

    void loopClose(Uloop loop, ExecutorService pool) {
        LoopClose.on(loop, pool::shutdown);
    }

    void embeddedLoop(Uloop inner, Uloop outer, Poller poller, EventSink sink) throws IOException {
        EmbeddedLoop.of(inner).runIn(outer); // the outer loop is a Uloop

        EmbeddedLoop embedded = EmbeddedLoop.of(inner); // the outer loop is any other
        poller.add(embedded.fd(), UEvent.IN);
        while (inner.isOpen()) {
            poller.poll(embedded.timeoutNanos(), sink);
            embedded.run();
        }
    }

    void signals(Uloop loop, long pid) throws IOException {
        Signals.on(loop, "TERM", signal -> loop.stop());
        Signals.send(loop, pid, "HUP");
    }

    void process(Uloop loop, ProcessBuilder builder) throws IOException {
        Exits.on(loop, builder.start(), (process, status) -> System.out.println(status));
    }

    void group(InetSocketAddress address) throws IOException, InterruptedException {
        UloopGroup group = UloopGroup.builder().name("service").build(); // one loop per processor
        GroupListener.open(group, address, Connection.acceptor(options, EchoHandler::new));
        group.shutdown(Duration.ofSeconds(5));
    }

    void limits(UloopGroup group, InetSocketAddress address) throws IOException {
        GroupListener.open(
                group,
                address,
                Spread.SHARED_PORT, // one socket for each loop, so the limit applies to each loop
                socket -> {
                    socket.limitConnections(10_000);
                    socket.refuseWhenFull(true);
                },
                Connection.acceptor(options, EchoHandler::new));
    }

    void fibers() throws IOException {
        try (Uloop loop = Uloop.open()) {
            Fibers fibers = Fibers.on(loop);
            FiberListener listener = FiberListener.open(fibers, new InetSocketAddress(7000));
            fibers.start(
                    "listener",
                    () -> {
                        while (true) {
                            FiberSocket socket = listener.accept();
                            fibers.start("client", () -> echo(socket));
                        }
                    });
            fibers.run();
        }
    }

    void fiberListener(Fibers fibers) throws IOException {
        FiberListener listener = FiberListener.open(fibers, new InetSocketAddress(7000));
        fibers.start(
                "listener",
                () -> {
                    while (true) {
                        FiberSocket socket = listener.accept();
                        fibers.start("client", () -> serve(socket));
                    }
                });
    }

    void fiberSocket(Fibers fibers, SocketAddress address, ByteBuffer request, ByteBuffer answer)
            throws IOException {
        try (FiberSocket socket = FiberSocket.connect(fibers, address)) {
            socket.write(request);
            socket.readFully(answer.clear());
        }
    }

    void fiberTls(
            Fibers fibers,
            SSLContext context,
            SocketAddress address,
            ByteBuffer request,
            ByteBuffer answer)
            throws IOException {
        TlsOptions options = TlsOptions.client(context, "example.org", 443).build();
        try (FiberTls tls = FiberTls.start(FiberSocket.connect(fibers, address), options)) {
            tls.write(request);
            tls.readFully(answer.clear());
        }
    }

    void fiberDescriptor(Uloop loop, Fibers fibers) throws IOException {
        NativeDescriptors descriptors = NativeDescriptors.of(loop.provider());
        int fd = descriptors.open(Path.of("/dev/ttyUSB0"), StandardOpenOption.READ);
        try (FiberDescriptor line = FiberDescriptor.adopt(fibers, fd)) {
            var reader = new InputStreamReader(line.inputStream(), StandardCharsets.US_ASCII);
            new BufferedReader(reader).lines().forEach(this::handle);
        }
    }

    static final class MyProvider implements PollerProvider {
        @Override
        public String name() {
            return "mine";
        }

        @Override
        public int priority() {
            return 50;
        }

        @Override
        public @Nullable String unavailability() {
            return "this is an example";
        }

        @Override
        public int supportedEvents() {
            return MyPoller.SUPPORTED_EVENTS;
        }

        @Override
        public Poller open() {
            throw new UnsupportedOperationException(unavailability());
        }

        @Override
        public Descriptors descriptors() {
            return MyPoller.DESCRIPTORS;
        }
    }

    abstract static class MyContractTest extends PollerContract {
        @Override
        protected PollerProvider provider() {
            return new MyProvider();
        }
    }

    abstract static class MyPoller extends ReadinessPoller {
        static final int SUPPORTED_EVENTS = UEvent.IN | UEvent.OUT;

        static final Descriptors DESCRIPTORS = new EpollProvider().descriptors();

        MyPoller() {
            super("my_wait", SUPPORTED_EVENTS, DESCRIPTORS::closes);
        }
    }
}
