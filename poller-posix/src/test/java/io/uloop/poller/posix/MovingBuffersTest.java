package io.uloop.poller.posix;

import static org.assertj.core.api.Assertions.assertThat;

import io.uloop.poller.DatagramAddress;
import io.uloop.poller.DatagramBatch;
import io.uloop.poller.NativeDescriptors;
import io.uloop.poller.tck.ChildJava;
import io.uloop.poller.tck.Ends;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/**
 * Moves the position and limit of a buffer while another thread uses it. The call may fail or use
 * the wrong bytes of the buffer, but must not touch memory outside it.
 */
class MovingBuffersTest {
    @Test
    void movingTheBufferTouchesNothingOutsideIt() throws Exception {
        // The interpreter has the widest window between two accesses.
        assertThat(ChildJava.of(Program.class).options("-Xint").run()).contains("unharmed");
    }

    static final class Program {
        private static final int ROUNDS = 1000;
        private static final int BYTES = 64;
        private static final byte[] SENT = filled('x');
        private static final byte[] SECRET = filled('s');

        private final NativeDescriptors io = PosixDescriptors.INSTANCE;
        private final int[] pair;
        private final int socket;
        private final DatagramAddress own;

        /** Only the middle of this memory belongs to the target. */
        private final ByteBuffer memory = ByteBuffer.allocateDirect(3 * BYTES);

        private final ByteBuffer target = memory.slice(BYTES, BYTES);
        private final DatagramBatch batch = new DatagramBatch(3, BYTES);
        private final ByteBuffer received = ByteBuffer.allocate(4 * BYTES);

        private Program() throws IOException {
            pair = Ends.of(io.socketPair());
            socket = io.openDatagram(StandardProtocolFamily.INET);
            io.bind(socket, Loopback.IPV4);
            own = new DatagramAddress(io.localAddress(socket));
            batch.address(1).set(own);
            memory.put(0, SECRET).put(2 * BYTES, SECRET);
            batch.data(0).clear().put(0, SECRET);
            batch.data(2).clear().put(0, SECRET);
        }

        private static byte[] filled(char value) {
            byte[] bytes = new byte[BYTES];
            Arrays.fill(bytes, (byte) value);
            return bytes;
        }

        public static void main(String[] arguments) throws Exception {
            Program program = new Program();
            for (String operation :
                    List.of("read", "readv", "take", "receive", "write", "send", "pass", "batch")) {
                program.attack(operation);
            }
            System.out.println("unharmed");
        }

        private void attack(String operation) throws Exception {
            ByteBuffer moving = operation.equals("batch") ? batch.data(1) : target;
            AtomicBoolean over = new AtomicBoolean();
            Thread mover =
                    new Thread(
                            () -> {
                                while (!over.get()) {
                                    moving.clear();
                                    moving.position(BYTES);
                                    moving.position(0);
                                    moving.limit(0);
                                }
                            });
            mover.start();
            try {
                for (int round = 0; round < ROUNDS; round++) {
                    try {
                        transfer(operation);
                    } catch (RuntimeException e) {
                        // the position or limit moved between the checks of setting it
                    }
                    requireHarmless(operation);
                }
            } finally {
                over.set(true);
                mover.join();
            }
        }

        private void transfer(String operation) throws IOException {
            switch (operation) {
                case "read" -> {
                    io.write(pair[1], ByteBuffer.wrap(SENT));
                    io.read(pair[0], target);
                }
                case "readv" -> {
                    io.write(pair[1], ByteBuffer.wrap(SENT));
                    io.read(pair[0], new ByteBuffer[] {target, target}, 0, 2);
                }
                case "take" -> {
                    io.write(pair[1], ByteBuffer.wrap(SENT));
                    io.receiveDescriptors(pair[0], target, new int[1]);
                }
                case "receive" -> {
                    io.send(socket, ByteBuffer.wrap(SENT), own);
                    io.receive(socket, target, new DatagramAddress());
                }
                case "write" -> io.write(pair[1], target);
                case "send" -> io.send(socket, target, own);
                case "pass" -> io.sendDescriptors(pair[1], target, pair[0]);
                default -> io.send(socket, batch, 1, 1);
            }
        }

        private void requireHarmless(String operation) throws IOException {
            for (int i = 0; i < BYTES; i++) {
                if (memory.get(i) != 's' || memory.get(2 * BYTES + i) != 's') {
                    throw new AssertionError(operation + " wrote outside the buffer");
                }
            }
            while (io.read(pair[0], received.clear()) > 0) {
                requireNoSecret(operation);
            }
            while (io.receive(socket, received.clear(), new DatagramAddress()) >= 0) {
                requireNoSecret(operation);
            }
        }

        private void requireNoSecret(String operation) {
            for (int i = 0; i < received.position(); i++) {
                if (received.get(i) == 's') {
                    throw new AssertionError(operation + " sent bytes from outside the buffer");
                }
            }
        }
    }
}
