package io.uloop.cli;

import io.uloop.Uloop;
import io.uloop.UloopBuilder;

/** The {@code --backend} option, shared by every command that opens a loop. */
final class BackendOption {
    private final Option option =
            Option.withValue(
                    "NAME",
                    null,
                    "Backend to use. Give a name, several in order of preference ('poll,select'),"
                            + " or '!epoll' to exclude one (default: the best usable backend).",
                    "--backend");

    BackendOption(Command command) {
        command.add(option);
    }

    /** Returns a builder for a loop on this backend. */
    UloopBuilder loop() {
        String name = option.value();
        return name == null ? Uloop.builder() : Uloop.builder().poller(name);
    }
}
