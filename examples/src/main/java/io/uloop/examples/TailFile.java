package io.uloop.examples;

import io.uloop.Uloop;
import io.uloop.source.FileEvent;
import io.uloop.source.FileWatcher;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/** Prints what is appended to a file, like {@code tail -f}. Linux only, because it uses inotify. */
final class TailFile {
    private static final ByteBuffer BLOCK = ByteBuffer.allocate(8192);

    private TailFile() {}

    public static void main(String[] arguments) throws IOException {
        if (arguments.length != 1) {
            System.err.println("usage: TailFile FILE");
            System.exit(2);
        }
        Path path = Path.of(arguments[0]);
        try (Uloop loop = Uloop.open();
                FileWatcher watcher = FileWatcher.open(loop);
                FileChannel file = FileChannel.open(path)) {
            int events = FileEvent.MODIFY | FileEvent.MOVE_SELF | FileEvent.ATTRIB;
            watcher.watch(path, events, (watch, event, name, cookie) -> print(file));
            file.position(file.size());
            System.out.println("following " + path);
            loop.run();
        }
    }

    private static void print(FileChannel file) throws IOException {
        if (file.size() < file.position()) {
            System.out.println("(truncated)");
            file.position(0);
        }
        while (file.read(BLOCK.clear()) > 0) {
            System.out.write(BLOCK.array(), 0, BLOCK.position());
        }
        System.out.flush();
    }
}
