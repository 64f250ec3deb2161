package io.uloop.cli;

import io.uloop.Uloop;
import io.uloop.UloopBuilder;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The {@code --backend} option, shared by every command that opens a loop. */
final class BackendOption {
    @Option(
            names = "--backend",
            paramLabel = "NAME",
            description = {
                "Backend to use. Give a name, several in order of preference ('poll,select'), or"
                        + " '!epoll' to exclude one (default: the best usable backend)."
            })
    private @Nullable String name;

    /** Returns a builder for a loop on this backend. */
    UloopBuilder loop() {
        return name == null ? Uloop.builder() : Uloop.builder().poller(name);
    }
}
