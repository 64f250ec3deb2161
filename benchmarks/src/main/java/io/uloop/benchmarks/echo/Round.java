package io.uloop.benchmarks.echo;

import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * The result of one run of one server.
 *
 * @param messages the number of messages echoed
 * @param nanos the duration of the run
 * @param lost the number of datagrams resent because no echo came
 * @param p50Nanos the median latency; the other percentiles likewise
 * @param cpuNanosPerMessage CPU time of the server, user and kernel
 * @param userShare the fraction of that in user mode, 0 to 1
 * @param serverBusy the fraction of the run that the server was on its CPU, 0 to 1
 * @param loadBusy the fraction of the run that the load generator was on its CPU, 0 to 1
 * @param allocatedPerMessage bytes allocated on the heap; null for a C program
 * @param residentBytes resident memory of the server at the end
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
     * Creates a result from measurements.
     *
     * @param done what the load generator printed: messages nanos lost, then each latency in
     *     nanoseconds with its count, {@code latency:count}
     * @param allocated bytes allocated on the heap during the run; null for a C program
     */
    static Round of(
            String done,
            ProcessUsage serverBefore,
            ProcessUsage serverAfter,
            long loadCpuNanos,
            @Nullable Long allocated) {
        String[] words = done.split(" ", -1);
        long[] numbers = new long[3];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = Long.parseLong(words[i]);
        }
        Histogram latencies = new Histogram(3);
        for (int i = numbers.length; i < words.length; i++) {
            int colon = words[i].indexOf(':');
            latencies.recordValueWithCount(
                    Long.parseLong(words[i].substring(0, colon)),
                    Long.parseLong(words[i].substring(colon + 1)));
        }
        double messages = numbers[0];
        double nanos = numbers[1];
        long cpuNanos = serverAfter.cpuNanos() - serverBefore.cpuNanos();
        return new Round(
                numbers[0],
                numbers[1],
                numbers[2],
                latencies.getValueAtPercentile(50),
                latencies.getValueAtPercentile(90),
                latencies.getValueAtPercentile(99),
                latencies.getValueAtPercentile(99.9),
                latencies.getMaxValue(),
                cpuNanos / messages,
                serverAfter.userShareSince(serverBefore),
                cpuNanos / nanos,
                loadCpuNanos / nanos,
                allocated == null ? null : allocated / messages,
                serverAfter.residentBytes());
    }
}
