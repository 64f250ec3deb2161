package io.uloop.poller;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What {@link NativeProcesses#spawn} starts.
 *
 * @param command the program, which is searched for in PATH if it contains no slash, and its
 *     arguments
 * @param environment the whole environment of the program. Variables that are unchanged since this
 *     process inherited them keep their bytes, even if the locale cannot decode them
 * @param directory the working directory of the program; null for that of this process
 * @param terminal the path of a terminal, which becomes the controlling terminal and the standard
 *     streams of the program in a session that it leads; null for none
 * @param group 0 for a new process group that the program leads, the id of an existing group to
 *     join, or {@link #SAME_GROUP}. Ignored with a terminal, whose session has a new group
 * @param descriptors the descriptors of this process by the number that the program gets them
 *     under, which may be standard streams. The program inherits no other descriptor, except the
 *     standard streams
 * @since 0.1
 */
public record SpawnRequest(
        List<String> command,
        Map<String, String> environment,
        @Nullable Path directory,
        @Nullable Path terminal,
        long group,
        Map<Integer, Integer> descriptors) {
    /** The group of this process. */
    public static final long SAME_GROUP = -1;

    /**
     * Creates a request.
     *
     * @param command at least the program
     * @param environment may be empty
     * @param directory may be null
     * @param terminal may be null
     * @param group 0, the id of a group, or {@link #SAME_GROUP}
     * @param descriptors may be empty
     * @throws IllegalArgumentException if the command is empty, the group is not an id, a
     *     descriptor is negative, or a string contains a NUL
     */
    public SpawnRequest {
        command = List.copyOf(command);
        environment = Map.copyOf(environment);
        descriptors = Map.copyOf(descriptors);
        if (command.isEmpty()) {
            throw new IllegalArgumentException("the command is empty; name a program");
        }
        if (group < SAME_GROUP || group != (int) group) {
            throw new IllegalArgumentException(group + " is not the id of a process group");
        }
        command.forEach(SpawnRequest::requireNoNul);
        environment.forEach(
                (name, value) -> {
                    requireNoNul(name);
                    requireNoNul(value);
                });
        descriptors.forEach(
                (target, source) -> {
                    if (target < 0 || source < 0) {
                        throw new IllegalArgumentException(
                                "descriptor " + source + " cannot become " + target);
                    }
                });
    }

    private static void requireNoNul(String text) {
        if (text.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("a NUL ends the string " + text.replace('\0', '?'));
        }
    }
}
