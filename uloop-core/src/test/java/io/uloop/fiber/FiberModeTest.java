package io.uloop.fiber;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.uloop.Uloop;
import io.uloop.internal.VirtualThreads;
import io.uloop.poller.tck.ChildJava;
import java.io.IOException;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tests how the mode is chosen, and that these tests cover all modes of the JVM. */
class FiberModeTest extends EachFiber {
    private static final int JDK = Runtime.version().feature();

    @AfterEach
    void clearProperty() {
        System.clearProperty(Fibers.PROPERTY);
    }

    @Override
    protected void openFibers() throws IOException {
        fibers = Fibers.on(loop, FiberMode.PLATFORM);
    }

    @Test
    void testsRunInEachModeOfThisJdk() throws Exception {
        assertThat(EachMode.Modes.isSupported(FiberMode.LOOP))
                .as("mode loop on JDK %s; surefire needs --add-opens", JDK)
                .isEqualTo(JDK >= 21 && JDK <= 25);
        assertThat(EachMode.Modes.isSupported(FiberMode.JDK)).isEqualTo(JDK >= 21);
        if (JDK >= 21 && JDK <= 25) {
            Fibers best = Fibers.on(loop);
            assertThat(best.mode()).isEqualTo(FiberMode.LOOP);
            Thread runner = Thread.currentThread();
            Fiber<Boolean> fiber = best.start("inner", loop::inLoop);
            best.run();
            assertThat(fiber.join()).isTrue();
            assertThat(VirtualThreads.isVirtual(fiber.thread())).isTrue();
            assertThat(fiber.thread()).isNotSameAs(runner);
        }
    }

    @EachMode
    void propertySelectsTheMode() throws Exception {
        System.setProperty(Fibers.PROPERTY, mode.name().toLowerCase(Locale.ROOT));
        Fibers chosen = Fibers.on(loop);
        assertThat(chosen.mode()).isEqualTo(mode);
        assertThat(chosen.metrics().mode()).isEqualTo(mode);
        assertThat(chosen.toString())
                .startsWith("Fibers[mode=" + mode.name().toLowerCase(Locale.ROOT) + ", live=0, ");
        Fiber<Thread> fiber = chosen.start("inner", Thread::currentThread);
        chosen.run();
        assertThat(fiber.join()).isSameAs(fiber.thread());
        assertThat(fiber.thread().getName()).isEqualTo("inner");
        assertThat(VirtualThreads.isVirtual(fiber.thread())).isEqualTo(mode != FiberMode.PLATFORM);
        assertThat(fiber.thread().isDaemon()).isTrue();
    }

    @Test
    void unknownModeIsRefusedWithTheChoices() {
        System.setProperty(Fibers.PROPERTY, "nonsense");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Fibers.on(loop))
                .withMessageContaining("loop, jdk or platform, not nonsense");
    }

    @Test
    void unsupportedModeIsRefusedWithTheReason() {
        for (FiberMode each : FiberMode.values()) {
            if (!EachMode.Modes.isSupported(each)) {
                assertThatExceptionOfType(UnsupportedOperationException.class)
                        .isThrownBy(() -> Fibers.on(loop, each))
                        .withMessageContaining(
                                "cannot run fibers in mode " + each.name().toLowerCase(Locale.ROOT))
                        .withMessageContaining("use JDK 21 or newer");
            }
        }
    }

    @Test
    void missingOptionIsNamed() throws Exception {
        String expected =
                JDK >= 21 && JDK <= 25
                        ? "start the JVM with --add-opens java.base/java.lang=ALL-UNNAMED"
                        : "virtual threads";
        String printed =
                ChildJava.of(Program.class)
                        .options("-Duloop.fibers=loop", "-Duloop.poller=" + provider.name())
                        .run();
        assertThat(printed)
                .contains("refused: cannot run fibers in mode loop: ")
                .contains(expected)
                .contains("mode otherwise " + (JDK >= 21 ? "JDK" : "PLATFORM"));
    }

    /** Asks for mode loop without the option that it needs, and then for any mode. */
    static final class Program {
        private Program() {}

        public static void main(String[] arguments) throws IOException {
            try (Uloop loop = Uloop.open()) {
                try {
                    System.out.println("got " + Fibers.on(loop));
                } catch (UnsupportedOperationException e) {
                    System.out.println("refused: " + e.getMessage());
                }
                System.clearProperty(Fibers.PROPERTY);
                System.out.println("mode otherwise " + Fibers.on(loop).mode());
            }
        }
    }
}
