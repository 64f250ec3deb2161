package io.uloop.net;

import io.uloop.Uloop;
import io.uloop.poller.NativeDescriptors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Adopts its standard output and exits without closing it. Argument: the backend. */
final class OutputProgram {
    private OutputProgram() {}

    public static void main(String[] arguments) throws IOException {
        Uloop loop = Uloop.builder().poller(arguments[0]).build();
        NativeDescriptors io = NativeDescriptors.of(loop.provider());
        PipeChannel output = PipeChannel.adopt(loop, io.dup(1));
        output.restoreBlockingAtEnd();
        String text = io.isBlocking(1) ? "blocking\n" : "non-blocking\n";
        output.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
        System.exit(0);
    }
}
