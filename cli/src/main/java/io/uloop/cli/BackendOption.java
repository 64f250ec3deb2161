package io.uloop.cli;

import io.uloop.Uloop;
import io.uloop.UloopBuilder;
import picocli.CommandLine.Model.OptionSpec;

/** The {@code --backend} option, shared by every command that opens a loop. */
final class BackendOption {
    private final OptionSpec option;

    BackendOption(Command command) {
        option =
                command.addText(
                        "NAME",
                        "Backend to use. Give a name, several in order of preference"
                                + " ('poll,select'), or '!epoll' to exclude one (default: the best"
                                + " usable backend).",
                        "--backend");
    }

    /** Returns a builder for a loop on this backend. */
    UloopBuilder loop() {
        String name = Command.text(option);
        return name == null ? Uloop.builder() : Uloop.builder().poller(name);
    }
}
