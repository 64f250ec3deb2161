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
                    new Family(List.of("fibers"), "#8a6d00", "#f0e442"),
                    new Family(List.of("select"), "#009e73", "#2cc79c"),
                    new Family(List.of("poll"), "#56b4e9", "#9ad6f7"),
                    new Family(List.of("epoll", "kqueue", "uloop"), "#0072b2", "#4ba3e3"),
                    new Family(List.of("jdk", "nio", "vthreads", "threads"), "#d55e00", "#ee8a3c"),
                    new Family(List.of("netty"), "#cc79a7", "#e29bc2"));

    /** Matches what comes before the name of a backend. */
    private static final String API = "^(uloop|connection)-(?=epoll|kqueue|poll|select)";

    static String color(String contender, boolean dark) {
        if (contender.equals("c") || contender.startsWith("c-")) {
            return dark ? "#768390" : "#6e7781";
        }
        String backend = contender.replaceFirst(API, "");
        Family family =
                FAMILIES.stream().filter(each -> each.has(backend)).findFirst().orElse(OTHERS);
        return dark ? family.dark() : family.light();
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
