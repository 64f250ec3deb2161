package io.uloop;

import io.uloop.poller.tck.ChildJava;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A program in a child JVM with different options. */
public final class ChildJvm {
    private ChildJvm() {}

    /**
     * Starts the child. Its errors are merged into its output.
     *
     * @param launcher the command that starts Java; may be empty
     */
    public static Process start(
            List<String> launcher, List<String> options, Class<?> program, String... arguments)
            throws IOException {
        List<String> command = new ArrayList<>(launcher);
        command.addAll(java());
        command.addAll(options);
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add(program.getName());
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    /** {@return the start of a Java command, with the options that provide the same backends} */
    public static List<String> java() {
        List<String> command = ChildJava.nativeCommand();
        String kqueue = System.getProperty("uloop.kqueue.library");
        if (kqueue != null) {
            command.add("-Duloop.kqueue.library=" + kqueue);
        }
        return command;
    }

    /** Loads the classes of class folders in the child, because loading needs descriptors. */
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
            Class.forName(name, true, ChildJvm.class.getClassLoader());
        } catch (ClassNotFoundException | LinkageError e) {
            // A class for another system, not needed here.
        }
    }
}
