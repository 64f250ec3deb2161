package io.uloop.examples;

import io.uloop.Uloop;
import io.uloop.poller.LineSettings;
import io.uloop.source.InputHandler;
import io.uloop.terminal.SerialLine;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Asks a device on a serial line for its state every second and prints the answers. The arguments
 * are the line and the question, for example {@code /dev/ttyUSB0 ATI}.
 *
 * @param loop the loop of the line
 */
record SerialPort(Uloop loop) implements InputHandler {
    public static void main(String[] arguments) throws IOException {
        if (arguments.length != 2) {
            System.err.println("usage: SerialPort LINE QUESTION");
            System.exit(2);
        }
        Path device = Path.of(arguments[0]);
        byte[] question = (arguments[1] + "\r").getBytes(StandardCharsets.US_ASCII);
        LineSettings settings = LineSettings.of(9600); // 8 data bits, no parity, 1 stop bit
        try (Uloop loop = Uloop.open();
                SerialLine line = SerialLine.open(loop, device, settings, new SerialPort(loop))) {
            loop.callEvery(Duration.ofSeconds(1), () -> line.write(ByteBuffer.wrap(question)));
            loop.run();
        }
    }

    @Override
    public void received(ByteBuffer bytes) {
        System.out.print(StandardCharsets.US_ASCII.decode(bytes));
    }

    @Override
    public void ended() {
        loop.stop(); // the device is gone
    }
}
