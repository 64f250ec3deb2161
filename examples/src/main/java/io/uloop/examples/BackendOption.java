package io.uloop.examples;

import io.uloop.Uloop;
import io.uloop.UloopBuilder;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The option of every command that opens a loop. */
final class BackendOption {
    @Option(
            names = "--backend",
            paramLabel = "NAME",
            description = {
                "Backend to use: a name, several by preference as in 'poll,select', or '!epoll'"
                        + " for any but that (default: the best that is usable)."
            })
    private @Nullable String name;

    /** A description of a loop on that backend. */
    UloopBuilder loop() {
        return name == null ? Uloop.builder() : Uloop.builder().poller(name);
    }
}
