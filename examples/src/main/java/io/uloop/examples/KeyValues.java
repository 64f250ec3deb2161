package io.uloop.examples;

import io.uloop.Uloop;
import io.uloop.connection.Connection;
import io.uloop.connection.ConnectionOptions;
import io.uloop.connection.frames.LineHandler;
import io.uloop.connection.frames.Lines;
import io.uloop.net.TcpListener;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** Stores values by a line protocol: {@code SET key value}, {@code GET key}, {@code QUIT}. */
final class KeyValues implements LineHandler {
    private static final Lines LINES = Lines.upTo(1000);

    private final Map<String, String> values = new HashMap<>();

    private KeyValues() {}

    public static void main(String[] arguments) throws IOException {
        var address = new InetSocketAddress("localhost", Integer.getInteger("port", 7003));
        ConnectionOptions options =
                ConnectionOptions.builder().idleTimeout(Duration.ofMinutes(5)).build();
        KeyValues store = new KeyValues(); // handles all connections
        try (Uloop loop = Uloop.open();
                TcpListener listener = TcpListener.open(loop, address)) {
            listener.register(Connection.acceptor(options, () -> LINES.handler(store)));
            System.out.println("listening on " + listener.getLocalAddress());
            loop.run();
        }
    }

    @Override
    public void line(Connection connection, String line) {
        String[] words = line.split(" ", 3);
        switch (words[0]) {
            case "SET" -> answer(connection, set(words));
            case "GET" -> answer(connection, get(words));
            case "QUIT" -> connection.close(); // after the answers before it
            default -> answer(connection, "ERROR unknown command");
        }
    }

    private String set(String[] words) {
        if (words.length < 3) {
            return "ERROR usage: SET key value";
        }
        values.put(words[1], words[2]);
        return "OK";
    }

    private String get(String[] words) {
        String value = words.length < 2 ? null : values.get(words[1]);
        return value == null ? "NONE" : "VALUE " + value;
    }

    private static void answer(Connection connection, String text) {
        if (!LINES.write(connection, text)) {
            connection.pauseReading(); // the client sends without reading the answers
        }
    }

    @Override
    public void writable(Connection connection) {
        connection.resumeReading();
    }
}
