package io.uloop.fiber;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.uloop.poller.Descriptors;
import io.uloop.poller.NativeDescriptors;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Tests every kind of descriptor other than sockets. */
class FiberDescriptorTest extends EachFiber {
    private static final int IN_CREATE = 0x100;

    private FiberDescriptor of(int fd) throws IOException {
        return closing(FiberDescriptor.adopt(fibers, fd));
    }

    private NativeDescriptors linux() {
        assumeTrue(System.getProperty("os.name").equals("Linux"), "needs Linux");
        return nativeDescriptors();
    }

    private long number(FiberDescriptor descriptor) throws Exception {
        ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.nativeOrder());
        assertThat(descriptor.read(bytes)).isEqualTo(Long.BYTES);
        return bytes.getLong(0);
    }

    @EachMode
    void pipeCarriesManyBytesAndEnds() throws Exception {
        run(
                () -> {
                    Descriptors.Pipe pipe = io.pipe();
                    FiberDescriptor source = of(pipe.readEnd());
                    FiberDescriptor sink = of(pipe.writeEnd());
                    byte[] sent = random(5, 1 << 20);
                    fibers.start(
                            "writer",
                            () -> {
                                sink.write(ByteBuffer.wrap(sent));
                                sink.close();
                            });
                    ByteBuffer target = ByteBuffer.allocate(sent.length);
                    source.readFully(target);
                    assertThat(target.array()).isEqualTo(sent);
                    assertThat(source.read(ByteBuffer.allocate(1))).isEqualTo(-1);
                    assertThat(source.toString())
                            .isEqualTo("FiberDescriptor[fd=" + source.fd() + "]");
                });
    }

    @EachMode
    void fifoCarriesLines() throws Exception {
        NativeDescriptors all = nativeDescriptors();
        Path fifo = directory().resolve("fifo");
        Process made = new ProcessBuilder("mkfifo", fifo.toString()).inheritIO().start();
        assertThat(made.waitFor(DEADLINE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        run(
                () -> {
                    FiberDescriptor reader = of(all.open(fifo, StandardOpenOption.READ));
                    FiberDescriptor writer = of(all.open(fifo, StandardOpenOption.WRITE));
                    fibers.start(
                            "writer",
                            () -> {
                                for (int i = 0; i < 3; i++) {
                                    writer.write(bytes("line " + i + "\n"));
                                    fibers.sleep(Duration.ofMillis(1));
                                }
                                writer.close();
                            });
                    assertThat(lines(reader).lines().toList())
                            .containsExactly("line 0", "line 1", "line 2");
                });
    }

    private static BufferedReader lines(FiberDescriptor descriptor) {
        return new BufferedReader(new InputStreamReader(descriptor.inputStream(), UTF_8));
    }

    @EachMode
    void pseudoTerminalReadsItsProgramToTheEnd() throws Exception {
        NativeDescriptors all = nativeDescriptors();
        NativeDescriptors.Pty pty = all.pty();
        Path slave = all.ptsname(pty.master());
        Process program =
                new ProcessBuilder("sh", "-c", "echo hello; read line; echo \"got $line\"")
                        .redirectInput(slave.toFile())
                        .redirectOutput(slave.toFile())
                        .start();
        all.close(pty.slave());
        run(
                () -> {
                    FiberDescriptor master = of(pty.master());
                    BufferedReader lines = lines(master);
                    assertThat(lines.readLine()).isEqualTo("hello");
                    master.outputStream().write("seven\n".getBytes(UTF_8));
                    String line = lines.readLine();
                    assertThat(line.equals("seven") ? lines.readLine() : line) // unless it echoes
                            .isEqualTo("got seven");
                    assertThat(lines.readLine()).isNull();
                });
        assertThat(program.waitFor(DEADLINE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        program.getErrorStream().close();
    }

    /** The slave of a pseudo-terminal is to the program what a serial line is. */
    @EachMode
    void serialLineIsReadByLines() throws Exception {
        NativeDescriptors all = nativeDescriptors();
        run(
                () -> {
                    NativeDescriptors.Pty pty = all.pty();
                    FiberDescriptor device = of(pty.master());
                    FiberDescriptor line = of(pty.slave());
                    BufferedReader lines = lines(line);
                    fibers.start(
                            "device",
                            () -> {
                                for (String each :
                                        new String[] {"te", "mp 21", ".5\nte", "mp 22\n"}) {
                                    device.write(bytes(each));
                                    fibers.sleep(Duration.ofMillis(1));
                                }
                            });
                    assertThat(lines.readLine()).isEqualTo("temp 21.5");
                    assertThat(lines.readLine()).isEqualTo("temp 22");
                });
    }

    @EachMode
    void timerfdIsReadAtEachExpiry() throws Exception {
        NativeDescriptors all = linux();
        run(
                () -> {
                    FiberDescriptor timer = of(all.timerfd());
                    long start = System.nanoTime();
                    all.setTimer(timer.fd(), 5_000_000, 5_000_000);
                    long expiries = number(timer);
                    while (expiries < 3) {
                        long more = number(timer);
                        assertThat(more).isPositive();
                        expiries += more;
                    }
                    assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(15_000_000);
                });
    }

    @EachMode
    void eventfdCarriesSums() throws Exception {
        NativeDescriptors all = linux();
        run(
                () -> {
                    FiberDescriptor event = of(all.eventfd(0));
                    Fiber<Long> reader = fibers.start("reader", () -> number(event));
                    awaitState(reader, FiberState.WAITING_FOR_DESCRIPTOR);
                    ByteBuffer seven =
                            ByteBuffer.allocate(Long.BYTES).order(ByteOrder.nativeOrder());
                    event.write(seven.putLong(7).flip());
                    assertThat(reader.join()).isEqualTo(7);
                    event.write(seven.rewind());
                    event.write(seven.rewind());
                    assertThat(number(event)).isEqualTo(14);
                });
    }

    @EachMode
    void inotifyTellsOfNewFiles() throws Exception {
        NativeDescriptors all = linux();
        Path folder = directory();
        run(
                () -> {
                    FiberDescriptor events = of(all.inotify());
                    int watch = all.watch(events.fd(), folder, IN_CREATE);
                    Fiber<Integer> reader =
                            fibers.start(
                                    "reader",
                                    () -> {
                                        ByteBuffer bytes =
                                                ByteBuffer.allocate(4096)
                                                        .order(ByteOrder.nativeOrder());
                                        events.read(bytes);
                                        return bytes.getInt(0);
                                    });
                    awaitState(reader, FiberState.WAITING_FOR_DESCRIPTOR);
                    Files.createFile(folder.resolve("new"));
                    assertThat(reader.join()).isEqualTo(watch);
                });
    }
}
