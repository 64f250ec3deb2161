package io.uloop.benchmarks.report;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A bar, which has one row, or a line.
 *
 * @param label the contender, with the textual parameters if it has any
 * @param rows the rows, by the parameter of the axis
 */
record Series(String label, List<Row> rows) {
    String contender() {
        return rows.get(0).contender();
    }

    /** Returns the row of the greatest value on the axis. */
    Row last() {
        return rows.get(rows.size() - 1);
    }

    /** Returns the greatest number of allocated bytes, or null if none is known. */
    @Nullable Double bytes() {
        Double greatest = null;
        for (Row row : rows) {
            Double bytes = row.bytesPerOperation();
            if (bytes != null && (greatest == null || bytes > greatest)) {
                greatest = bytes;
            }
        }
        return greatest;
    }
}
