package io.uloop.process;

import java.lang.ProcessBuilder.Redirect;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Objects;

/** A file that a child gets open. */
record ChildFile(Path path, List<OpenOption> options) {
    /** Returns the file of a redirection that has one. */
    static ChildFile of(Redirect redirect) {
        Path path = Path.of(Objects.requireNonNull(redirect.file()).getPath());
        return new ChildFile(
                path,
                switch (redirect.type()) {
                    case READ -> List.of(StandardOpenOption.READ);
                    case APPEND ->
                            List.of(
                                    StandardOpenOption.WRITE,
                                    StandardOpenOption.CREATE,
                                    StandardOpenOption.APPEND);
                    default ->
                            List.of(
                                    StandardOpenOption.WRITE,
                                    StandardOpenOption.CREATE,
                                    StandardOpenOption.TRUNCATE_EXISTING);
                });
    }
}
