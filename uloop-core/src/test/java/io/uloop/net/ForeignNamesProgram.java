package io.uloop.net;

import io.uloop.Uloop;
import io.uloop.poller.DatagramAddress;
import io.uloop.poller.DatagramBatch;
import io.uloop.poller.Descriptors;
import io.uloop.poller.NativeDescriptors;
import io.uloop.source.FifoReader;
import io.uloop.source.FifoWriter;
import io.uloop.source.FileEvent;
import io.uloop.source.FileWatcher;
import io.uloop.source.InputHandler;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/** Uses names that the JVM's encoding cannot represent, in a directory given as a URI. */
final class ForeignNamesProgram {
    private final Uloop loop;
    private final Descriptors io;
    private final String directory;

    private ForeignNamesProgram(Uloop loop, String directory) {
        this.loop = loop;
        io = loop.descriptors();
        this.directory = directory;
    }

    /**
     * Uses the names, then prints {@code done}.
     *
     * @param arguments the backend; the URI of a directory, which begins with file:/// and ends
     *     with a slash
     */
    public static void main(String[] arguments) throws Exception {
        try (Uloop loop = Uloop.builder().poller(arguments[0]).build()) {
            ForeignNamesProgram program = new ForeignNamesProgram(loop, arguments[1]);
            if (arguments[0].equals("select")) {
                program.pathsThatNioCannotSayAreRefused();
            } else {
                program.streamsMeetAtThePathItself();
                program.filesAreOpenedByThePathItself();
                program.fifosAreOpenedByThePathItself();
                program.datagramsAreAnswered();
                if (System.getProperty("os.name").equals("Linux")) {
                    program.entriesThatAreNamedCanBeOpened();
                }
            }
        }
        System.out.println("done");
    }

    private Path path(String encoded) {
        return Path.of(URI.create(directory + encoded));
    }

    private static void require(boolean condition, String what) {
        if (!condition) {
            throw new AssertionError(what);
        }
    }

    private void pathsThatNioCannotSayAreRefused() throws IOException {
        Path socket = path("n%FE");
        int listener = io.openListener(StandardProtocolFamily.UNIX);
        int stream = io.openStream(StandardProtocolFamily.UNIX);
        try {
            for (int i = 0; i < 2; i++) {
                try {
                    if (i == 0) {
                        io.listen(listener, UnixDomainSocketAddress.of(socket), 1);
                    } else {
                        io.bind(stream, UnixDomainSocketAddress.of(socket));
                    }
                    throw new AssertionError("bound to what NIO cannot say");
                } catch (IOException e) {
                    require(e.getMessage().contains("EILSEQ"), e.getMessage());
                }
                require(!Files.exists(socket), "a file was made");
            }
            io.listen(listener, UnixDomainSocketAddress.of(path("plain")), 1);
        } finally {
            io.close(listener);
            io.close(stream);
        }
    }

    private void streamsMeetAtThePathItself() throws IOException {
        Path socket = path("B%C3%BCcher/s");
        UnixDomainSocketAddress address = UnixDomainSocketAddress.of(socket);
        UnixDomainSocketAddress own = UnixDomainSocketAddress.of(path("B%C3%BCcher/%FF"));
        try (UnixListener listener = UnixListener.open(loop, address);
                UnixChannel client = UnixChannel.open(loop).bind(own)) {
            require(Files.exists(socket), "the socket is elsewhere");
            require(address.equals(listener.getLocalAddress()), "the listener's address");
            require(client.connect(address), "connected");
            require(address.equals(client.getRemoteAddress()), "the peer's address");
            try (UnixChannel server = listener.accept()) {
                require(own.equals(server.getRemoteAddress()), "the client's address");
            }
        }
    }

    private void filesAreOpenedByThePathItself() throws IOException {
        Path file = path("B%C3%BCcher/%E4");
        NativeDescriptors files = NativeDescriptors.of(loop.provider());
        io.close(files.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE));
        require(Files.exists(file), "the file is elsewhere");
    }

    private void fifosAreOpenedByThePathItself() throws IOException {
        Path fifo = path("B%C3%BCcher/fifo%FF");
        InputHandler handler =
                new InputHandler() {
                    @Override
                    public void received(ByteBuffer bytes) {}

                    @Override
                    public void ended() {}
                };
        try (FifoReader reader = FifoReader.open(loop, fifo, handler);
                FifoWriter writer = FifoWriter.open(loop, fifo)) {
            reader.hold();
            require(writer.write(ByteBuffer.allocate(1)) == 1, "written");
        }
    }

    private int datagram(String encoded) throws IOException {
        int fd = io.openDatagram(StandardProtocolFamily.UNIX);
        io.bind(fd, UnixDomainSocketAddress.of(path(encoded)));
        return fd;
    }

    private void datagramsAreAnswered() throws IOException {
        String[] names = {"n%FE", "n%FF", "B%C3%BCcher/d"};
        int server = datagram("server%FF");
        SocketAddress place = UnixDomainSocketAddress.of(path("server%FF"));
        List<DatagramAddress> addresses = new ArrayList<>();
        List<SocketAddress> objects = new ArrayList<>();
        for (String name : names) {
            int client = datagram(name);
            ByteBuffer one = ByteBuffer.allocate(1);
            io.send(client, one.clear(), place);
            DatagramAddress sender = new DatagramAddress();
            require(io.receive(server, one.clear(), sender) == 1, "received");
            require(!addresses.contains(sender), name + " is somebody else");
            addresses.add(sender);
            io.send(server, one.clear(), sender);
            require(io.receive(client, one.clear()) != null, name + " is answered");
            io.send(client, one.clear(), place);
            SocketAddress object = io.receive(server, one.clear());
            require(object.equals(UnixDomainSocketAddress.of(path(name))), "as " + object);
            require(!objects.contains(object), name + " is somebody else");
            objects.add(object);
            io.send(server, one.clear(), object);
            require(place.equals(io.receive(client, one.clear())), name + " is answered");
            io.send(client, one.clear(), place);
            DatagramBatch batch = new DatagramBatch(2, 8);
            require(io.receive(server, batch) == 1, "one slot");
            require(batch.address(0).equals(sender), "the slot's sender");
            require(io.send(server, batch, 0, 1) == 1, "the slot goes back");
            require(place.equals(io.receive(client, one.clear())), name + " gets the slot");
            io.close(client);
        }
        io.close(server);
    }

    private void entriesThatAreNamedCanBeOpened() throws IOException {
        List<Path> seen = new ArrayList<>();
        Path watched = path("B%C3%BCcher/");
        try (FileWatcher watcher = FileWatcher.open(loop)) {
            watcher.watch(
                    watched,
                    FileEvent.CREATE,
                    (watch, events, name, cookie) -> seen.add(watch.path().resolve(name)));
            Path file = path("B%C3%BCcher/entry%C3%A4%FE");
            Files.createFile(file);
            loop.runOnce(0);
            require(seen.equals(List.of(file)), "named " + seen);
            require(Files.exists(seen.get(0)), "the entry exists");
        }
    }
}
