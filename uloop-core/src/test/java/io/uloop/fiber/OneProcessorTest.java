package io.uloop.fiber;

import static io.uloop.fiber.FiberState.WAITING_FOR_DESCRIPTOR;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.uloop.Timer;
import io.uloop.Uloop;
import io.uloop.poller.Descriptors.Pipe;
import io.uloop.poller.spi.SpinWait;
import io.uloop.poller.tck.ChildJava;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Fibers in mode JDK in a JVM with one processor, whose loop waits for them. */
class OneProcessorTest extends EachFiber {
    @Override
    @BeforeEach
    protected void openFibers() {
        assumeTrue(EachMode.Modes.isSupported(FiberMode.JDK), "JDK 21 or newer");
    }

    @Test
    void pipesCarryAllBytesBetweenFibers() throws Exception {
        assertThat(run(Relay.class)).endsWith("\n10000\n");
    }

    @Test
    void loopContinuesBesideAFiberThatComputes() throws Exception {
        assertThat(run(Computing.class)).endsWith("\ntimer\n");
    }

    @Test
    void anotherFiberRunsBesideOneThatNeverWaits() throws Exception {
        assertThat(run(Busy.class)).endsWith("\nother\n");
    }

    @Test
    void anotherThreadRunsBesideInterruptedOnesThatWaitForTheLoop() throws Exception {
        assertThat(run(Interrupted.class)).isEqualTo("other\n");
    }

    @Test
    void anotherFiberRunsBesideThoseThatYield() throws Exception {
        assertThat(run(Yielding.class)).endsWith("\nother\n");
    }

    private String run(Class<?> program) throws Exception {
        return ChildJava.of(program)
                .options(
                        "-XX:ActiveProcessorCount=1",
                        "-Duloop.fibers=jdk",
                        "-Duloop.poller=" + provider.name())
                .run();
    }

    /** Hands bytes from fiber to fiber, through pipes. */
    static final class Relay {
        private static final int FIBERS = 10;
        private static final int ROUNDS = 1000;

        private Relay() {}

        public static void main(String[] arguments) throws Exception {
            try (Uloop loop = Uloop.open()) {
                Fibers fibers = Fibers.on(loop);
                FiberDescriptor[] inputs = new FiberDescriptor[FIBERS];
                FiberDescriptor[] outputs = new FiberDescriptor[FIBERS];
                for (int i = 0; i < FIBERS; i++) {
                    Pipe pipe = loop.descriptors().pipe();
                    inputs[i] = FiberDescriptor.adopt(fibers, pipe.readEnd());
                    outputs[(i + 1) % FIBERS] = FiberDescriptor.adopt(fibers, pipe.writeEnd());
                }
                int[] sums = new int[FIBERS];
                for (int i = 0; i < FIBERS; i++) {
                    int own = i;
                    fibers.start(
                            "relay " + i,
                            () -> sums[own] = relay(inputs[own], outputs[own], own == 0));
                }
                fibers.run();
                int sum = 0;
                for (int i = 0; i < FIBERS; i++) {
                    sum += sums[i];
                    inputs[i].close();
                    outputs[i].close();
                }
                System.out.println(sum);
            }
        }

        private static int relay(FiberDescriptor input, FiberDescriptor output, boolean first)
                throws Exception {
            ByteBuffer one = ByteBuffer.allocateDirect(1);
            int received = 0;
            if (first) {
                output.write(one.clear());
            }
            while (received < ROUNDS) {
                input.readFully(one.clear());
                received++;
                if (!first || received < ROUNDS) {
                    output.write(one.flip());
                }
            }
            return received;
        }
    }

    /** Computes in a fiber that the loop has woken until a timer of the loop goes off. */
    static final class Computing {
        private Computing() {}

        public static void main(String[] arguments) throws Exception {
            try (Uloop loop = Uloop.open()) {
                Fibers fibers = Fibers.on(loop);
                Pipe pipe = loop.descriptors().pipe();
                AtomicBoolean over = new AtomicBoolean();
                FiberDescriptor input = FiberDescriptor.adopt(fibers, pipe.readEnd());
                FiberDescriptor output = FiberDescriptor.adopt(fibers, pipe.writeEnd());
                ByteBuffer one = ByteBuffer.allocate(1);
                Fiber<Void> computing =
                        fibers.start(
                                "computing",
                                () -> {
                                    input.readFully(ByteBuffer.allocateDirect(1));
                                    while (!over.get()) {
                                        Thread.onSpinWait();
                                    }
                                });
                Timer[] check = new Timer[1];
                check[0] =
                        loop.callEvery(
                                Duration.ofMillis(1),
                                () -> {
                                    if (computing.info().state() == WAITING_FOR_DESCRIPTOR) {
                                        check[0].close();
                                        fibers.start("waking", () -> output.write(one));
                                        loop.callLater(Duration.ofMillis(20), () -> end(over));
                                    }
                                });
                fibers.run();
                input.close();
                output.close();
            }
        }

        private static void end(AtomicBoolean over) {
            System.out.println("timer");
            over.set(true);
        }
    }

    /** Sends datagrams to itself until another fiber has run. */
    static final class Busy {
        private Busy() {}

        public static void main(String[] arguments) throws Exception {
            try (Uloop loop = Uloop.open()) {
                Fibers fibers = Fibers.on(loop);
                AtomicBoolean over = new AtomicBoolean();
                SocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
                FiberDatagramSocket socket = FiberDatagramSocket.open(fibers, any);
                ByteBuffer one = ByteBuffer.allocateDirect(1);
                fibers.start(
                        "busy",
                        () -> {
                            SocketAddress self = socket.getLocalAddress();
                            while (!over.get()) {
                                socket.send(one.clear(), self);
                                socket.receive(one.clear());
                            }
                        });
                fibers.start("other", () -> end(over));
                fibers.run();
                socket.close();
            }
        }

        private static void end(AtomicBoolean over) {
            System.out.println("other");
            over.set(true);
        }
    }

    /** Waits in interrupted threads, as when a loop closes, until another one has run. */
    static final class Interrupted {
        private Interrupted() {}

        public static void main(String[] arguments) throws Exception {
            CountDownLatch waiting = new CountDownLatch(3);
            CountDownLatch over = new CountDownLatch(1);
            Thread other =
                    VirtualThreadFactory.newThread(
                            "other",
                            () -> {
                                LockSupport.park();
                                over.countDown();
                            });
            other.start();
            for (int i = 0; i < 3; i++) {
                VirtualThreadFactory.newThread("waiting " + i, () -> spin(waiting, over)).start();
            }
            waiting.await();
            LockSupport.unpark(other);
            report(over);
        }

        private static void spin(CountDownLatch waiting, CountDownLatch over) {
            Thread.currentThread().interrupt();
            for (int round = 0; over.getCount() > 0; round++) {
                SpinWait.pause(round);
                if (round == 10) {
                    waiting.countDown();
                }
            }
        }
    }

    /** Yields in fibers until another one has run, which the loop starts. */
    static final class Yielding {
        private Yielding() {}

        public static void main(String[] arguments) throws Exception {
            CountDownLatch yielding = new CountDownLatch(3);
            CountDownLatch over = new CountDownLatch(1);
            Uloop loop = Uloop.open();
            Fibers fibers = Fibers.on(loop);
            for (int i = 0; i < 3; i++) {
                fibers.start("yielding " + i, () -> yieldOften(fibers, yielding, over));
            }
            new Thread(() -> run(fibers)).start();
            yielding.await();
            loop.execute(() -> fibers.start("other", over::countDown));
            report(over);
        }

        private static void run(Fibers fibers) {
            try {
                fibers.run();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private static void yieldOften(Fibers fibers, CountDownLatch yielding, CountDownLatch over)
                throws InterruptedException {
            for (int round = 0; over.getCount() > 0; round++) {
                fibers.sleep(Duration.ZERO);
                if (round == 10) {
                    yielding.countDown();
                }
            }
        }
    }

    private static void report(CountDownLatch over) throws InterruptedException {
        System.out.println(over.await(30, SECONDS) ? "other" : "starved");
        System.out.flush();
        Runtime.getRuntime().halt(0);
    }
}
