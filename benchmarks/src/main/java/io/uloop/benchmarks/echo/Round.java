package io.uloop.benchmarks.echo;

import org.jspecify.annotations.Nullable;

/**
 * What one run of one server has come to.
 *
 * @param messages echoed
 * @param nanos how long it took
 * @param lost datagrams sent again because no echo came
 * @param p50Nanos the median latency; the others likewise
 * @param cpuNanosPerMessage the server's CPU time, user and kernel
 * @param userShare what part of that was user mode, 0 to 1
 * @param serverBusy the part of the time that the server was on its CPU, 0 to 1
 * @param loadBusy the part of the time that the load generator was on its CPU, 0 to 1
 * @param allocatedPerMessage bytes on the heap; null of a program in C
 * @param residentBytes the server's memory at the end
 */
record Round(
        long messages,
        long nanos,
        long lost,
        long p50Nanos,
        long p90Nanos,
        long p99Nanos,
        long p999Nanos,
        long maxNanos,
        double cpuNanosPerMessage,
        double userShare,
        double serverBusy,
        double loadBusy,
        @Nullable Double allocatedPerMessage,
        long residentBytes) {

    double messagesPerSecond() {
        return messages * 1e9 / nanos;
    }

    /**
     * Puts together what was seen.
     *
     * @param done the load's numbers: messages nanos lost p50 p90 p99 p999 max
     * @param allocated bytes during the run; null of a program in C
     */
    static Round of(
            String done,
            ProcessUsage serverBefore,
            ProcessUsage serverAfter,
            long loadCpuNanos,
            @Nullable Long allocated) {
        String[] words = done.split(" ", -1);
        long[] numbers = new long[words.length];
        for (int i = 0; i < words.length; i++) {
            numbers[i] = Long.parseLong(words[i]);
        }
        double messages = numbers[0];
        double nanos = numbers[1];
        long cpuNanos = serverAfter.cpuNanos() - serverBefore.cpuNanos();
        return new Round(
                numbers[0],
                numbers[1],
                numbers[2],
                numbers[3],
                numbers[4],
                numbers[5],
                numbers[6],
                numbers[7],
                cpuNanos / messages,
                serverAfter.userShareSince(serverBefore),
                cpuNanos / nanos,
                loadCpuNanos / nanos,
                allocated == null ? null : allocated / messages,
                serverAfter.residentBytes());
    }
}
