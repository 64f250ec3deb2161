package io.uloop.memory;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;

/**
 * The memory that the JVM has for buffers: the smaller of its heap and its direct memory, see
 * {@code -Xmx} and {@code -XX:MaxDirectMemorySize}.
 */
final class DirectLimit {
    /** What it is if {@code -XX:MaxDirectMemorySize} is not set. */
    static final long BYTES_IF_UNSET = Runtime.getRuntime().maxMemory();

    private DirectLimit() {}

    /** Slow the first time, because it loads the management of the JVM. */
    static long bytes() {
        return Known.BYTES;
    }

    private static final class Known {
        static final long BYTES = Math.min(BYTES_IF_UNSET, direct());

        private static long direct() {
            // A small runtime image may lack the module, another JVM the option.
            if (ModuleLayer.boot().findModule("jdk.management").isEmpty()) {
                return BYTES_IF_UNSET;
            }
            try {
                var options = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
                long bytes =
                        options == null
                                ? 0
                                : Long.parseLong(
                                        options.getVMOption("MaxDirectMemorySize").getValue());
                return bytes > 0 ? bytes : BYTES_IF_UNSET;
            } catch (IllegalArgumentException e) {
                return BYTES_IF_UNSET;
            }
        }
    }
}
