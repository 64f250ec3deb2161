package io.uloop.examples;

import io.uloop.Uloop;
import io.uloop.fiber.FiberDescriptor;
import io.uloop.fiber.Fibers;
import io.uloop.poller.NativeDescriptors;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;

/**
 * Asks a device on a serial line for its state every second and reads each answer with a {@code
 * BufferedReader}. The arguments are the line and the question, for example {@code /dev/ttyUSB0
 * ATI}.
 */
final class FiberSerial {
    private FiberSerial() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        if (arguments.length != 2) {
            System.err.println("usage: FiberSerial LINE QUESTION");
            System.exit(2);
        }
        Path path = Path.of(arguments[0]);
        byte[] question = (arguments[1] + "\r").getBytes(StandardCharsets.US_ASCII);
        new ProcessBuilder("stty", "-F", path.toString(), "9600", "raw", "-echo").start().waitFor();
        try (Uloop loop = Uloop.open()) {
            Fibers fibers = Fibers.on(loop);
            NativeDescriptors io = NativeDescriptors.of(loop.provider());
            int fd = io.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
            FiberDescriptor line = FiberDescriptor.adopt(fibers, fd);
            fibers.start("device", () -> talk(fibers, line, question));
            fibers.run();
        }
    }

    private static void talk(Fibers fibers, FiberDescriptor line, byte[] question)
            throws InterruptedException {
        try (line;
                BufferedReader answers =
                        new BufferedReader(
                                new InputStreamReader(
                                        line.inputStream(), StandardCharsets.US_ASCII))) {
            while (true) {
                line.write(ByteBuffer.wrap(question));
                String answer = answers.readLine();
                if (answer == null) {
                    return; // the device is gone
                }
                System.out.println(answer);
                fibers.sleep(Duration.ofSeconds(1));
            }
        } catch (IOException e) {
            System.out.println("lost the device: " + e.getMessage());
        }
    }
}
