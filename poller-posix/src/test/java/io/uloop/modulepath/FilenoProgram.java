package io.uloop.modulepath;

import io.uloop.poller.posix.PosixDescriptors;
import java.io.IOException;
import java.nio.channels.SocketChannel;

/** Prints the descriptor of a channel, looked up through a named module. */
final class FilenoProgram {
    private FilenoProgram() {}

    public static void main(String[] arguments) throws IOException {
        System.out.println(PosixDescriptors.class.getModule().getName());
        try (SocketChannel channel = SocketChannel.open()) {
            System.out.println(PosixDescriptors.INSTANCE.fileno(channel) > 2 ? "shown" : "wrong");
        } catch (UnsupportedOperationException e) {
            System.out.println(e.getMessage());
        }
    }
}
