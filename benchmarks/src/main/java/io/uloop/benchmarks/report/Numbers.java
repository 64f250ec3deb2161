package io.uloop.benchmarks.report;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Locale;

/** Formats figures for people. */
final class Numbers {
    private static final int DIGITS = 3;

    private Numbers() {}

    /** Formats a score with three digits, as in {@code 0.0123}, {@code 4.56} or {@code 12,300}. */
    static String score(double value) {
        if (value == 0) {
            return "0";
        }
        BigDecimal rounded =
                new BigDecimal(value).round(new MathContext(DIGITS, RoundingMode.HALF_UP));
        int integerDigits = rounded.precision() - rounded.scale(); // negative for 0.00123
        int decimals = Math.max(0, DIGITS - integerDigits);
        return String.format(Locale.ROOT, "%,." + decimals + "f", rounded);
    }

    /** Formats bytes per operation. Less than a tenth is the share of rare allocations. */
    static String bytes(double value) {
        return value < 0.1 ? "0" : score(value);
    }

    /** Formats the value of a parameter, with separators if it is an integer. */
    static String parameter(String value) {
        return isNumber(value) ? String.format(Locale.ROOT, "%,d", Long.parseLong(value)) : value;
    }

    /** Returns whether a parameter is an integer. */
    static boolean isNumber(String value) {
        return value.matches("\\d{1,18}");
    }

    /** Formats the change from one figure to another, as in {@code +12.3 %}, or - from 0. */
    static String change(double from, double to) {
        return from == 0 ? "-" : String.format(Locale.ROOT, "%+.1f %%", (to / from - 1) * 100);
    }
}
