package io.uloop.benchmarks.report;

import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedSet;
import org.mozilla.javascript.Context;
import org.mozilla.javascript.Function;
import org.mozilla.javascript.ScriptableObject;

/**
 * Draws panels as SVG, by ECharts in a JavaScript engine: without a browser, a display or fonts.
 *
 * <p>Not thread-safe. Creating one takes a second or more of CPU time.
 */
final class Charts {
    /** The width of a chart on a large screen. */
    static final int WIDE = 640;

    /** The width of a chart on a phone. */
    static final int NARROW = 350;

    private static final String ECHARTS =
            "/META-INF/resources/webjars/echarts/5.3.1/dist/echarts.min.js";

    /** From this ratio of the greatest to the least value, an axis is logarithmic. */
    private static final double LOGARITHMIC_FROM = 20;

    private static final int BAR_HEIGHT = 26;
    private static final int LABELLED_BAR_HEIGHT = 40;
    private static final int AXIS_HEIGHT = 44;
    private static final int LINES_HEIGHT = 340;

    private final Gson gson = new Gson();
    private final Map<String, String> drawn = new HashMap<>();
    private final ScriptableObject scope;
    private final Function draw;

    /**
     * Loads the library.
     *
     * @throws IOException if it is not on the class path
     */
    Charts() throws IOException {
        try (Context context = enter()) {
            scope = context.initSafeStandardObjects();
            context.evaluateString(scope, resource("charts.js"), "charts.js", 1, null);
            context.evaluateString(scope, resource(ECHARTS), "echarts.js", 1, null);
            draw = (Function) scope.get("draw", scope);
        }
    }

    private static Context enter() {
        Context context = Context.enter();
        context.setInterpretedMode(true); // compiling takes longer than drawing
        context.setLanguageVersion(Context.VERSION_ES6);
        return context;
    }

    private static String resource(String name) throws IOException {
        try (InputStream stream = Charts.class.getResourceAsStream(name)) {
            if (stream == null) {
                throw new IOException("cannot draw charts: " + name + " is not on the class path");
            }
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /**
     * Draws a panel for a light background. Drawing it again costs nothing.
     *
     * @param width the width in pixels
     */
    String svg(Panel panel, int width) {
        return drawn.computeIfAbsent(gson.toJson(specification(panel, width)), this::draw);
    }

    private String draw(String specification) {
        try (Context context = enter()) {
            Object svg = draw.call(context, scope, scope, new Object[] {specification});
            return Context.toString(svg);
        }
    }

    private static JsonObject specification(Panel panel, int width) {
        Question question = panel.question();
        SortedSet<Long> positions = panel.positions();
        JsonObject specification = new JsonObject();
        specification.addProperty("text", Palette.TEXT);
        specification.addProperty("muted", Palette.MUTED);
        specification.addProperty("grid", Palette.GRID);
        specification.addProperty("width", width);
        boolean labelsAbove = width == NARROW;
        specification.addProperty("labelsAbove", labelsAbove);
        specification.addProperty("height", height(panel, labelsAbove));
        boolean logX =
                positions.first() > 0 && positions.last() >= LOGARITHMIC_FROM * positions.first();
        boolean logY = question.axis() != null && isLogarithmic(panel);
        specification.addProperty("axis", question.axisTitle());
        specification.addProperty("unit", panel.unit());
        specification.addProperty("logX", logX);
        specification.addProperty("logY", logY);
        double least = leastScore(panel);
        JsonArray array = new JsonArray();
        for (Series each : panel.series()) {
            JsonObject object = new JsonObject();
            object.addProperty("label", each.label());
            object.addProperty("color", Palette.color(each.contender()));
            object.addProperty("dash", Palette.dash(each.contender()));
            JsonArray points = new JsonArray();
            for (Row row : each.rows()) {
                JsonObject point = new JsonObject();
                point.addProperty("x", Panel.position(question, row));
                point.addProperty("y", row.score());
                // A logarithmic axis has no zero.
                point.addProperty("low", logY ? Math.max(row.low(), least / 2) : row.low());
                point.addProperty("high", row.high());
                point.addProperty("text", Numbers.score(row.score()));
                points.add(point);
            }
            object.add("points", points);
            array.add(object);
        }
        specification.add("series", array);
        return specification;
    }

    private static int height(Panel panel, boolean labelsAbove) {
        int bar = labelsAbove ? LABELLED_BAR_HEIGHT : BAR_HEIGHT;
        return panel.question().axis() == null
                ? AXIS_HEIGHT + bar * panel.series().size()
                : LINES_HEIGHT;
    }

    private static boolean isLogarithmic(Panel panel) {
        double least = leastScore(panel);
        double greatest =
                panel.series().stream()
                        .flatMap(each -> each.rows().stream())
                        .mapToDouble(Row::score)
                        .max()
                        .orElse(0);
        return least > 0 && greatest >= LOGARITHMIC_FROM * least;
    }

    private static double leastScore(Panel panel) {
        return panel.series().stream()
                .flatMap(each -> each.rows().stream())
                .mapToDouble(Row::score)
                .min()
                .orElse(0);
    }
}
