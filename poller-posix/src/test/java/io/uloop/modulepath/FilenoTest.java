package io.uloop.modulepath;

import static org.assertj.core.api.Assertions.assertThat;

import io.uloop.poller.tck.ChildJava;
import java.io.File;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

final class FilenoTest {
    private static final String MODULE = "io.uloop.poller.posix";
    private static final String OPTION = "--add-exports java.base/sun.nio.ch=" + MODULE;
    private static final Predicate<String> MODULES =
            Pattern.compile("/(poller-(?!tck)|jnr-|jffi|asm|jspecify)").asPredicate();

    @Test
    void hiddenDescriptorFailsWithTheOptionForTheModule() throws Exception {
        assertThat(run(List.of())).contains(MODULE, "start it with " + OPTION);
    }

    @Test
    void optionExposesDescriptorsToTheModule() throws Exception {
        assertThat(run(List.of(OPTION.split(" ", -1)))).contains(MODULE, "shown");
    }

    private String run(List<String> options) throws Exception {
        List<String> entries =
                Arrays.asList(System.getProperty("java.class.path").split(File.pathSeparator, -1));
        String modules =
                String.join(
                        File.pathSeparator,
                        entries.stream()
                                .filter(MODULES.and(entry -> !entry.endsWith("test-classes")))
                                .toList());
        String program =
                entries.stream().filter(entry -> entry.endsWith("test-classes")).findFirst().get();
        return ChildJava.of(FilenoProgram.class)
                .withoutNativeAccess()
                .options(options.toArray(String[]::new))
                .options("--add-exports", MODULE + '/' + MODULE + "=ALL-UNNAMED")
                .options("-p", modules, "--add-modules", MODULE + ",org.jnrproject.ffi")
                .classPath(List.of(program))
                .run();
    }
}
