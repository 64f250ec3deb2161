package io.uloop;

import io.uloop.connection.Connection;
import io.uloop.connection.ConnectionHandler;
import io.uloop.connection.ConnectionOptions;
import io.uloop.connection.Connector;
import io.uloop.group.UloopGroup;
import io.uloop.net.TcpListener;
import io.uloop.poller.PollerException;
import io.uloop.poller.UEvent;
import java.io.File;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A program that a server deploys several times, each time in a new class loader. Its threads end,
 * but those of the server outlive it.
 */
public final class RedeployedProgram implements Runnable {
    /** How often the collector runs before a class loader counts as alive. */
    private static final int COLLECTIONS = 20;

    /** Creates the program. */
    public RedeployedProgram() {}

    /** Deploys this program, drops it and prints how many of its class loaders are left. */
    public static void main(String[] arguments) throws Exception {
        int times = Integer.parseInt(arguments[0]);
        List<WeakReference<ClassLoader>> loaders = new ArrayList<>();
        for (int i = 0; i < times; i++) {
            loaders.add(new WeakReference<>(deploy()));
        }
        long alive = times;
        for (int i = 0; i < COLLECTIONS && alive > 0; i++) {
            System.gc();
            Thread.sleep(100); // the JDK's threads hold what they are about to clean up
            alive = loaders.stream().filter(loader -> loader.get() != null).count();
        }
        System.out.println(alive + " of " + times + " alive");
    }

    private static ClassLoader deploy() throws Exception {
        URL[] path = classPath();
        try (URLClassLoader loader =
                new URLClassLoader(path, ClassLoader.getPlatformClassLoader())) {
            Class<?> type = loader.loadClass(RedeployedProgram.class.getName());
            Runnable program = (Runnable) type.getDeclaredConstructor().newInstance();
            Thread thread = Thread.currentThread();
            ClassLoader before = thread.getContextClassLoader();
            thread.setContextClassLoader(loader);
            try {
                program.run();
            } finally {
                thread.setContextClassLoader(before);
            }
            return loader;
        }
    }

    private static URL[] classPath() throws MalformedURLException {
        String[] entries = System.getProperty("java.class.path").split(File.pathSeparator, -1);
        URL[] path = new URL[entries.length];
        for (int i = 0; i < path.length; i++) {
            path[i] = Path.of(entries[i]).toUri().toURL();
        }
        return path;
    }

    @Override
    public void run() {
        try (Uloop loop =
                Uloop.builder().jmx(true).slowHandlerThreshold(Duration.ofMinutes(1)).build()) {
            fail(loop);
            exchange(loop);
            UloopGroup.builder().size(1).name("redeployed").build().close();
            System.out.println("ran on " + loop.provider().name());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Makes a native call fail, which leaves its errno. */
    private static void fail(Uloop loop) throws IOException {
        try {
            loop.add(1_000_000, UEvent.IN, (fd, events) -> {});
        } catch (PollerException e) {
            System.out.println(e.errno());
        }
    }

    private static void exchange(Uloop loop) throws IOException {
        InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        try (TcpListener listener = TcpListener.open(loop, any)) {
            listener.register(Connection.acceptor(ConnectionOptions.DEFAULTS, Echo::new));
            InetSocketAddress address = (InetSocketAddress) listener.getLocalAddress();
            loop.execute(() -> connect(loop, address));
            loop.run();
        }
    }

    private static void connect(Uloop loop, InetSocketAddress address) {
        Connector.connect(loop, List.of(address), ConnectionOptions.DEFAULTS, new Caller(loop));
    }

    private static final class Echo implements ConnectionHandler {
        @Override
        public void received(Connection connection, ByteBuffer data) {
            connection.write(data);
        }
    }

    private record Caller(Uloop loop) implements ConnectionHandler {
        @Override
        public void opened(Connection connection) {
            connection.write(ByteBuffer.wrap(new byte[] {'x'}));
        }

        @Override
        public void received(Connection connection, ByteBuffer data) {
            connection.close();
        }

        @Override
        public void closed(Connection connection, @Nullable Throwable cause) {
            loop.stop();
        }
    }
}
