package io.uloop.memory;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;

/**
 * The memory that the JVM has for buffers: the smaller of its heap ({@code -Xmx}) and its direct
 * memory ({@code -XX:MaxDirectMemorySize}).
 */
final class DirectLimit {
    /** The limit if {@code -XX:MaxDirectMemorySize} is not set. */
    static final long BYTES_IF_UNSET = Runtime.getRuntime().maxMemory();

    private DirectLimit() {}

    /** Returns the limit. The first call is slow, because it loads the JVM's management classes. */
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
