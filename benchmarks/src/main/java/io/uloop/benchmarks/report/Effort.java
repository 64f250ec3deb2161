package io.uloop.benchmarks.report;

import java.util.Locale;

/** How much time a run spends for the precision of its figures. */
public enum Effort {
    /** A rough look: one fork, short iterations, few values of each parameter. */
    QUICK,
    /** The standard: all contenders, two forks. */
    NORMAL,
    /** For publishing: more forks, longer iterations and all values of each parameter. */
    FULL;

    /** Returns the name in lower case, as in the results. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
