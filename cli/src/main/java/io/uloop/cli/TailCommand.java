package io.uloop.cli;

import io.uloop.Uloop;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** Follows files. */
final class TailCommand extends Command {
    private final Option lines =
            add(
                    Option.withValue(
                            "N",
                            "10",
                            "Number of last lines to print first (default: 10).",
                            "-n",
                            "--lines"));

    private final BackendOption backend = new BackendOption(this);

    TailCommand() {
        super(
                "tail",
                "Prints the last lines of files, then follows what is appended.",
                "Files are followed by name. If another file takes the name, tail continues with"
                        + " that file. If a file is truncated, tail reads it from the start. If a"
                        + " file is missing, tail waits for it. Press Ctrl-C to stop.");
    }

    @Override
    String wordLabel() {
        return "FILE";
    }

    @Override
    String examples() {
        return """
                Try it:
                  uloop tail /var/log/syslog
                """;
    }

    @Override
    int run(Console console) throws IOException {
        int last = lines.number(0, Integer.MAX_VALUE, "number of lines; use 0 or more");
        List<Path> files = words().stream().map(Path::of).toList();
        CountDownLatch ended = new CountDownLatch(1);
        try (Uloop loop = backend.loop().build();
                Tail tail = Tail.open(loop, console)) {
            ServerOptions.stopOnShutdown(loop, ended);
            tail.follow(files, last);
            loop.run();
            tail.check();
        } finally {
            ended.countDown();
        }
        return OK;
    }
}
