package io.uloop.fiber;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.uloop.Uloop;
import io.uloop.poller.tck.ChildJava;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Tests that the thread dumps of the JDK show fibers. */
class FiberThreadDumpTest {
    @ParameterizedTest
    @EnumSource(FiberMode.class)
    @EnabledForJreRange(min = JRE.JAVA_21) // older ones cannot dump virtual threads
    void jcmdDumpsFibersWithNameAndStack(FiberMode mode, @TempDir Path directory) throws Exception {
        assumeTrue(EachMode.Modes.isSupported(mode));
        Path file = directory.resolve("threads.txt");
        ChildJava.of(Program.class, mode.name(), file.toString())
                .options("--add-opens", "java.base/java.lang=ALL-UNNAMED")
                .run();
        String dump = Files.readString(file);
        String kind = mode == FiberMode.PLATFORM ? "" : " virtual";
        assertThat(dump)
                .containsPattern("#\\d+ \"customer-4711\"" + kind)
                .contains("FiberThreadDumpTest$Program.beIdle");
    }

    /** Dumps its own threads while a fiber sleeps. */
    static final class Program {
        private Program() {}

        public static void main(String[] arguments) throws Exception {
            try (Uloop loop = Uloop.open()) {
                Fibers fibers = Fibers.on(loop, FiberMode.valueOf(arguments[0]));
                Fiber<?> idle = fibers.start("customer-4711", () -> beIdle(fibers));
                while (idle.info().state() != FiberState.SLEEPING) {
                    loop.runOnce(TimeUnit.MILLISECONDS.toNanos(1));
                }
                dump(arguments[1]);
            }
        }

        private static void beIdle(Fibers fibers) throws InterruptedException {
            fibers.sleep(Duration.ofDays(1));
        }

        private static void dump(String file) throws Exception {
            Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
            String self = Long.toString(ProcessHandle.current().pid());
            int status =
                    new ProcessBuilder(jcmd.toString(), self, "Thread.dump_to_file", file)
                            .inheritIO()
                            .start()
                            .waitFor();
            if (status != 0) {
                throw new AssertionError("jcmd has ended with status " + status);
            }
        }
    }
}
