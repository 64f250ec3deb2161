package io.uloop.benchmarks.echo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

final class ProcessUsageTest {
    private static final String STAT =
            "4637 (java) (x) S 1 4637 4637 0 -1 4194304 1 2 3 4 123 45 0 0 20 0 1 0 9 8 7 6\n";

    @Test
    void statFieldIgnoresParenthesesInTheName() {
        assertThat(ProcessUsage.statField(STAT, 14)).isEqualTo(123);
        assertThat(ProcessUsage.statField(STAT, 15)).isEqualTo(45);
    }

    @Test
    void onCpuNanosIsTheFirstNumber() {
        assertThat(ProcessUsage.onCpuNanos("123456789 42 17\n")).isEqualTo(123_456_789);
    }

    @Test
    void residentBytesConvertsFromKilobytes() {
        assertThat(ProcessUsage.residentBytes(List.of("Name:\tjava", "VmRSS:\t  1024 kB")))
                .isEqualTo(1 << 20);
    }

    @Test
    void missingVmRssIsRefused() {
        assertThatThrownBy(() -> ProcessUsage.residentBytes(List.of("Name:\tkthreadd")))
                .hasMessageContaining("VmRSS");
    }

    @Test
    void userShareSinceUsesTheDifference() {
        ProcessUsage before = new ProcessUsage(0, 100, 100, 0);

        assertThat(new ProcessUsage(0, 103, 101, 0).userShareSince(before)).isEqualTo(0.75);
        assertThat(before.userShareSince(before)).isZero();
    }

    @Test
    void usageOfALiveProcessGrows() throws IOException {
        Assumptions.assumeTrue(Files.exists(Path.of("/proc/self/schedstat")), "Linux");
        long self = ProcessHandle.current().pid();

        ProcessUsage before = ProcessUsage.of(self);
        long until = System.nanoTime() + 20_000_000;
        while (System.nanoTime() < until) {
            Thread.onSpinWait();
        }

        assertThat(ProcessUsage.of(self).cpuNanos()).isGreaterThan(before.cpuNanos());
        assertThat(before.residentBytes()).isPositive();
    }

    @Test
    void usageLeavesOutThreadsThatEndMeanwhile() throws Exception {
        Assumptions.assumeTrue(Files.exists(Path.of("/proc/self/schedstat")), "Linux");
        long self = ProcessHandle.current().pid();
        AtomicBoolean done = new AtomicBoolean();
        Thread starter = new Thread(() -> startThreadsUntil(done), "starter");
        starter.start();
        try {
            for (int i = 0; i < 500; i++) {
                assertThat(ProcessUsage.of(self).cpuNanos()).isPositive();
            }
        } finally {
            done.set(true);
            starter.join();
        }
    }

    private static void startThreadsUntil(AtomicBoolean done) {
        while (!done.get()) {
            new Thread(() -> {}, "short-lived").start();
        }
    }
}
