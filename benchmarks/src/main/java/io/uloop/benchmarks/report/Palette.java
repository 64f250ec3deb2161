package io.uloop.benchmarks.report;

import java.util.List;

/**
 * The colours of contenders, the same in all charts. They are those of Okabe and Ito, which readers
 * with any colour vision can tell apart, lighter where the background is dark. Relatives share a
 * colour and differ in their lines.
 */
final class Palette {
    private Palette() {}

    /**
     * The colour of a family of contenders.
     *
     * @param prefixes what their names start with
     */
    private record Family(List<String> prefixes, String light, String dark) {
        boolean has(String contender) {
            return prefixes.stream().anyMatch(contender::startsWith);
        }
    }

    private static final Family OTHERS = new Family(List.of(), "#8a6d00", "#f0e442");

    private static final List<Family> FAMILIES =
            List.of(
                    new Family(List.of("select"), "#009e73", "#2cc79c"),
                    new Family(List.of("poll"), "#56b4e9", "#9ad6f7"),
                    new Family(List.of("epoll", "kqueue", "uloop"), "#0072b2", "#4ba3e3"),
                    new Family(List.of("jdk", "nio", "vthreads", "threads"), "#d55e00", "#ee8a3c"),
                    new Family(List.of("netty"), "#cc79a7", "#e29bc2"));

    /** Matches what comes before the name of a backend. */
    private static final String API = "^(uloop|connection)-(?=epoll|kqueue|poll|select)";

    private static final Family C = new Family(List.of("c"), "#6e7781", "#768390");

    /** The colour of text. */
    static final String TEXT = "#24292f";

    /** The colour of the text of axes. */
    static final String MUTED = "#656d76";

    /** The colour of the grid. */
    static final String GRID = "#e4e8ec";

    /** Returns a chart for a dark background: the same with the other colours. */
    static String dark(String svg) {
        String dark =
                svg.replace(TEXT, "#e6edf3").replace(MUTED, "#9198a1").replace(GRID, "#2c323a");
        for (Family family : FAMILIES) {
            dark = dark.replace(family.light(), family.dark());
        }
        return dark.replace(C.light(), C.dark()).replace(OTHERS.light(), OTHERS.dark());
    }

    /** Returns the colour on a light background. */
    static String color(String contender) {
        if (contender.equals("c") || contender.startsWith("c-")) {
            return C.light();
        }
        String backend = contender.replaceFirst(API, "");
        Family family =
                FAMILIES.stream().filter(each -> each.has(backend)).findFirst().orElse(OTHERS);
        return family.light();
    }

    /** Returns the style of a line, in the words of ECharts. */
    static String dash(String contender) {
        if (contender.endsWith("io_uring") || contender.endsWith("kqueue")) {
            return "dotted";
        }
        boolean second =
                contender.startsWith("uloop-")
                        || contender.endsWith("-keys")
                        || contender.endsWith("-nio")
                        || contender.endsWith("-foreign")
                        || contender.endsWith("-jnr");
        return second ? "dashed" : "solid";
    }
}
