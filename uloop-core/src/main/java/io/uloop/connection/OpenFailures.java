package io.uloop.connection;

import io.uloop.observe.LimitedLog;

/** The log of connections that failed to open, for handlers with the default method. */
final class OpenFailures {
    static final LimitedLog LOG =
            new LimitedLog(
                    System.getLogger("io.uloop.connection"), System.Logger.Level.WARNING, 3, false);

    private OpenFailures() {}
}
