package io.uloop.examples;

import io.uloop.Uloop;
import io.uloop.net.PipeChannel;
import io.uloop.poller.NativeDescriptors;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;

/**
 * Asks a device on a serial line for its state every second and prints the answers. The arguments
 * are the line and the question, for example {@code /dev/ttyUSB0 ATI}.
 */
final class SerialLine {
    private static final ByteBuffer INPUT = ByteBuffer.allocateDirect(1024);

    private SerialLine() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        Path line = Path.of(arguments[0]);
        byte[] question = (arguments[1] + "\r").getBytes(StandardCharsets.US_ASCII);
        new ProcessBuilder("stty", "-F", line.toString(), "9600", "raw", "-echo").start().waitFor();
        try (Uloop loop = Uloop.open()) {
            var modes =
                    new StandardOpenOption[] {StandardOpenOption.READ, StandardOpenOption.WRITE};
            PipeChannel device =
                    PipeChannel.adopt(
                            loop, NativeDescriptors.of(loop.provider()).open(line, modes));
            device.register(UEvent.IN, (fd, events) -> print(loop, device));
            loop.callEvery(Duration.ofSeconds(1), () -> device.write(ByteBuffer.wrap(question)));
            loop.run();
            device.close();
        }
    }

    private static void print(Uloop loop, PipeChannel device) throws IOException {
        if (device.read(INPUT.clear()) < 0) {
            loop.stop(); // the device is gone
        } else {
            System.out.print(StandardCharsets.US_ASCII.decode(INPUT.flip()));
        }
    }
}
