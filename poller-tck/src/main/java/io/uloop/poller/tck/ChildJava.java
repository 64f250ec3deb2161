package io.uloop.poller.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A Java program that a test starts in a separate process. Its JVM has the class path and the
 * backends of this one, and options that make short programs cheap: they are over before the
 * optimizing compiler and a parallel collector pay.
 *
 * <p>Not thread-safe.
 *
 * @since 0.1
 */
public final class ChildJava {
    /**
     * How long to wait for a program, and for the next thing that it must do. On a machine with ten
     * times the work that it can do, the start of a JVM alone takes more than a minute.
     */
    public static final Duration DEADLINE = Duration.ofMinutes(5);

    /** The first JDK with --enable-native-access; later ones warn without it. */
    private static final int FIRST_JDK_WITH_NATIVE_ACCESS = 22;

    /**
     * Little compiled code, because most code of a short program runs a few times only, and a small
     * young generation, because each page that the program touches must be mapped and cleared.
     */
    private static final List<String> CHEAP =
            List.of(
                    "-XX:TieredStopAtLevel=1",
                    "-XX:CompileThresholdScaling=5",
                    "-XX:+UseSerialGC",
                    "-Xmn8m");

    private static final String KQUEUE_LIBRARY = "uloop.kqueue.library";

    private final List<String> launcher = new ArrayList<>();
    private final List<String> options = new ArrayList<>();
    private final List<String> program = new ArrayList<>();
    private String classPath = System.getProperty("java.class.path");
    private boolean nativeAccess = true;

    private ChildJava(String program, String... arguments) {
        this.program.add(program);
        this.program.addAll(List.of(arguments));
    }

    /**
     * Creates a program.
     *
     * @param main the class with the main method
     * @param arguments the arguments of the main method
     * @return a program that has not started
     */
    public static ChildJava of(Class<?> main, String... arguments) {
        return new ChildJava(main.getName(), arguments);
    }

    /**
     * Creates a program that the JVM compiles first.
     *
     * @param file its only source file
     * @return a program that has not started
     */
    public static ChildJava ofSource(Path file) {
        return new ChildJava(file.toString());
    }

    /**
     * Adds options of the JVM.
     *
     * @param more the options
     * @return this
     */
    public ChildJava options(String... more) {
        options.addAll(List.of(more));
        return this;
    }

    /**
     * Replaces the class path.
     *
     * @param path files and folders
     * @return this
     */
    public ChildJava classPath(List<String> path) {
        classPath = String.join(File.pathSeparator, path);
        return this;
    }

    /**
     * Starts the JVM by another command.
     *
     * @param command a command that runs its last arguments, such as env
     * @return this
     */
    public ChildJava launcher(String... command) {
        launcher.addAll(List.of(command));
        return this;
    }

    /**
     * Limits how many descriptors the program may open. The JVM then does not watch its cgroup,
     * because it may take the last descriptor for a file there.
     *
     * @param limit the limit of open files
     * @return this
     */
    public ChildJava descriptorLimit(int limit) {
        return launcher("sh", "-c", "ulimit -n " + limit + "; exec \"$@\"", "limited")
                .options("-XX:-UseContainerSupport");
    }

    /**
     * Leaves out the options that let native backends call the system.
     *
     * @return this
     */
    public ChildJava withoutNativeAccess() {
        nativeAccess = false;
        return this;
    }

    /** {@return the command of the program, for tests that start it themselves} */
    public ProcessBuilder builder() {
        List<String> command = new ArrayList<>(launcher);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(CHEAP);
        String kqueue = System.getProperty(KQUEUE_LIBRARY);
        if (nativeAccess && Runtime.version().feature() >= FIRST_JDK_WITH_NATIVE_ACCESS) {
            command.add("--enable-native-access=ALL-UNNAMED");
        }
        if (nativeAccess && kqueue != null) {
            command.add("-D" + KQUEUE_LIBRARY + '=' + kqueue);
        }
        command.addAll(options);
        command.addAll(List.of("-cp", classPath));
        command.addAll(program);
        return new ProcessBuilder(command);
    }

    /**
     * Runs the program to its end. Fails the test if it does not exit with status 0 before {@link
     * #DEADLINE}.
     *
     * @return its output and its errors
     * @throws IOException if it cannot be started
     * @throws InterruptedException if this thread is interrupted
     */
    public String run() throws IOException, InterruptedException {
        return run(0);
    }

    /**
     * Runs the program to its end. Fails the test if it does not exit with a status before {@link
     * #DEADLINE}.
     *
     * @param status the expected status
     * @return its output and its errors
     * @throws IOException if it cannot be started
     * @throws InterruptedException if this thread is interrupted
     */
    public String run(int status) throws IOException, InterruptedException {
        Path output = Files.createTempFile("child", ".txt");
        try {
            ProcessBuilder merged = builder().redirectErrorStream(true);
            Process child = merged.redirectOutput(output.toFile()).start();
            child.getOutputStream().close();
            boolean ended = child.waitFor(DEADLINE.toSeconds(), TimeUnit.SECONDS);
            child.destroyForcibly().waitFor();
            String printed = Files.readString(output);
            assertTrue(ended, () -> "the program is still running: " + printed);
            assertEquals(status, child.exitValue(), printed);
            return printed;
        } finally {
            Files.delete(output);
        }
    }

    /**
     * Loads all classes of the class folders on the class path. A program calls this before it uses
     * up its descriptors, because loading a class needs one.
     */
    public static void loadClasses() {
        String[] entries = System.getProperty("java.class.path").split(File.pathSeparator, -1);
        for (String entry : entries) {
            Path folder = Path.of(entry);
            if (Files.isDirectory(folder) && folder.endsWith(Path.of("classes"))) {
                loadClasses(folder);
            }
        }
    }

    private static void loadClasses(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            files.map(file -> folder.relativize(file).toString())
                    .filter(name -> name.endsWith(".class") && !name.endsWith("-info.class"))
                    .map(name -> name.substring(0, name.length() - ".class".length()))
                    .forEach(name -> load(name.replace(File.separatorChar, '.')));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void load(String name) {
        try {
            Class.forName(name, true, ChildJava.class.getClassLoader());
        } catch (ClassNotFoundException | LinkageError e) {
            // A class for another system, not needed here.
        }
    }
}
