package io.uloop.cli;

import org.jspecify.annotations.Nullable;

/** Reports a command line that cannot be used as it is. */
final class UsageException extends RuntimeException {
    private static final long serialVersionUID = 1;

    UsageException(String message) {
        super(message);
    }

    UsageException(@Nullable String message, Throwable cause) {
        super(message, cause);
    }
}
