package io.uloop.net;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The descriptors that a service manager, such as systemd, has opened for this process. They allow
 * a service to start on the first connection, to use a privileged port without privileges, and to
 * restart without refusing a connection.
 *
 * <pre>{@code
 * for (SocketActivation.Passed passed : SocketActivation.descriptors()) {
 *     TcpListener.adopt(loop, passed.fd()).register(handler);
 * }
 * }</pre>
 *
 * <p>The service manager sets LISTEN_FDS to the number of descriptors, LISTEN_PID to the process
 * that they are for, and LISTEN_FDNAMES to their names. A shell script that starts the JVM must
 * replace itself with {@code exec}, because otherwise the descriptors are for the shell. Adopting a
 * descriptor requires a native backend.
 *
 * <p>Thread-safe.
 *
 * @see <a href="https://www.freedesktop.org/software/systemd/man/latest/sd_listen_fds.html">
 *     sd_listen_fds(3)</a>
 * @since 0.1
 */
public final class SocketActivation {
    private static final int FIRST = 3; // SD_LISTEN_FDS_START
    private static final String COUNT = "LISTEN_FDS";
    private static final String PROCESS = "LISTEN_PID";
    private static final String NAMES = "LISTEN_FDNAMES";
    private static final String NO_NAME = "unknown";

    private SocketActivation() {}

    /**
     * A descriptor that was passed to this process.
     *
     * @param fd the descriptor; {@link TcpListener#adopt} and its siblings take it over
     * @param name the name from the service manager's configuration, {@code "unknown"} without one
     */
    public record Passed(int fd, String name) {}

    /**
     * Returns the descriptors that were passed to this process. They stay open until they are
     * adopted and closed, and a second call returns the same.
     *
     * @return the descriptors in the order of the configuration; empty if this process was started
     *     in another way
     * @throws IllegalArgumentException if the environment is malformed; the message names the
     *     variable
     */
    public static List<Passed> descriptors() {
        return of(System.getenv(), ProcessHandle.current().pid());
    }

    /** Returns the descriptors that an environment passes to a process. */
    static List<Passed> of(Map<String, String> environment, long pid) {
        String process = environment.get(PROCESS);
        String count = environment.get(COUNT);
        if (process == null || count == null || number(PROCESS, process) != pid) {
            return List.of(); // not started by socket activation, or inherited by a child
        }
        long number = number(COUNT, count);
        if (number > Integer.MAX_VALUE - FIRST) {
            throw malformed(COUNT, count, "too many descriptors");
        }
        String[] names = names(environment.get(NAMES), (int) number);
        List<Passed> passed = new ArrayList<>();
        for (int i = 0; i < names.length; i++) {
            passed.add(new Passed(FIRST + i, names[i]));
        }
        return List.copyOf(passed);
    }

    private static String[] names(@Nullable String value, int count) {
        if (value == null) {
            String[] names = new String[count];
            Arrays.fill(names, NO_NAME);
            return names;
        }
        String[] names = value.isEmpty() ? new String[0] : value.split(":", -1);
        if (names.length != count) {
            throw malformed(NAMES, value, names.length + " names for " + count + " descriptors");
        }
        return names;
    }

    private static long number(String variable, String value) {
        try {
            long number = Long.parseLong(value);
            if (number >= 0) {
                return number;
            }
        } catch (NumberFormatException e) {
            // reported below
        }
        throw malformed(variable, value, "not a number of 0 or more");
    }

    private static IllegalArgumentException malformed(String variable, String value, String why) {
        return new IllegalArgumentException(
                "cannot use the passed descriptors: " + variable + "=" + value + ": " + why);
    }
}
