package io.uloop.benchmarks;

import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVRecord;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler;

/**
 * Draws the result of {@code IdleBenchmark}: the cost of a poll by number of registrations. There
 * is one line per backend, and both axes are logarithmic.
 *
 * <pre>{@code java -cp benchmarks.jar io.uloop.benchmarks.Chart result.csv chart.png}</pre>
 */
final class Chart {
    private Chart() {}

    public static void main(String[] arguments) throws IOException {
        if (arguments.length != 2) {
            System.err.println("usage: Chart RESULT.csv CHART.png");
            System.exit(2);
        }
        Map<String, List<CSVRecord>> byBackend = new TreeMap<>();
        CSVFormat format = CSVFormat.DEFAULT.builder().setHeader().setSkipHeaderRecord(true).get();
        try (Reader reader =
                Files.newBufferedReader(Path.of(arguments[0]), StandardCharsets.UTF_8)) {
            for (CSVRecord row : format.parse(reader)) {
                if (row.get("Benchmark").endsWith("IdleBenchmark.poll")) {
                    String backend = row.get("Param: backend");
                    byBackend.computeIfAbsent(backend, name -> new ArrayList<>()).add(row);
                }
            }
        }
        BitmapEncoder.saveBitmap(draw(byBackend), arguments[1], BitmapEncoder.BitmapFormat.PNG);
    }

    private static XYChart draw(Map<String, List<CSVRecord>> byBackend) {
        XYChart chart =
                new XYChartBuilder()
                        .width(800)
                        .height(440)
                        .title("Cost of a poll with one ready descriptor among n registered")
                        .xAxisTitle("registered descriptors")
                        .yAxisTitle("nanoseconds")
                        .build();
        chart.getStyler().setXAxisLogarithmic(true);
        chart.getStyler().setYAxisLogarithmic(true);
        chart.getStyler().setLegendPosition(Styler.LegendPosition.InsideNW);
        chart.getStyler().setXAxisDecimalPattern("#,###");
        chart.getStyler().setYAxisDecimalPattern("#,###");
        byBackend.forEach(
                (backend, rows) ->
                        chart.addSeries(
                                backend, column(rows, "Param: registered"), column(rows, "Score")));
        return chart;
    }

    private static double[] column(List<CSVRecord> rows, String name) {
        return rows.stream().mapToDouble(row -> Double.parseDouble(row.get(name))).toArray();
    }
}
