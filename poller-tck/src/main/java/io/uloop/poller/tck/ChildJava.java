package io.uloop.poller.tck;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The start of the command line of a Java program that a test starts. Thread-safe. */
public final class ChildJava {
    /** The first JDK with --enable-native-access; later ones warn without it. */
    private static final int FIRST_JDK_WITH_NATIVE_ACCESS = 22;

    private ChildJava() {}

    /**
     * Returns this JVM's java with options that make short programs cheap: they are over before the
     * optimizing compiler and a parallel collector pay.
     *
     * @return a modifiable list, to which the caller adds other options and the main class
     */
    public static List<String> command() {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-XX:TieredStopAtLevel=1");
        command.add("-XX:+UseSerialGC");
        return command;
    }

    /**
     * Returns the {@link #command} for a program that uses the native backends.
     *
     * @return a modifiable list, to which the caller adds other options and the main class
     */
    public static List<String> nativeCommand() {
        List<String> command = command();
        if (Runtime.version().feature() >= FIRST_JDK_WITH_NATIVE_ACCESS) {
            command.add("--enable-native-access=ALL-UNNAMED");
        }
        return command;
    }
}
