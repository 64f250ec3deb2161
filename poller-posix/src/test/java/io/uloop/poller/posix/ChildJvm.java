package io.uloop.poller.posix;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.uloop.poller.tck.ChildJava;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs a program in a JVM with other options. */
public final class ChildJvm {
    private ChildJvm() {}

    /** Returns the output of the program, which must exit with 0. */
    public static String run(List<String> jvmOptions, Class<?> program) throws Exception {
        return run(List.of(), jvmOptions, program);
    }

    public static String run(List<String> launcher, List<String> jvmOptions, Class<?> program)
            throws Exception {
        List<String> command = new ArrayList<>(launcher);
        command.addAll(ChildJava.command());
        command.addAll(jvmOptions);
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add(program.getName());
        return run(command);
    }

    public static String run(List<String> command) throws IOException, InterruptedException {
        Path output = Files.createTempFile("child", ".txt");
        try {
            Process child =
                    new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(output.toFile())
                            .start();
            boolean ended = child.waitFor(1, TimeUnit.MINUTES);
            child.destroyForcibly().waitFor();
            String printed = Files.readString(output, UTF_8);
            assertThat(ended).as(printed).isTrue();
            assertThat(child.exitValue()).as(printed).isZero();
            return printed;
        } finally {
            Files.delete(output);
        }
    }
}
