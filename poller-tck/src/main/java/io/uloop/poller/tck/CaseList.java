package io.uloop.poller.tck;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * Lists the cases of {@link PollerContract}, found as JUnit finds them. It is written beside the
 * outcomes, so that {@link ContractTable} needs neither JUnit nor the cases to see what is missing.
 */
final class CaseList {
    private CaseList() {}

    /** {@return area to case number to sentence, in the order of the numbers} */
    static Map<String, NavigableMap<Integer, String>> contract() {
        List<Map.Entry<String, NavigableMap<Integer, String>>> areas = new ArrayList<>();
        for (Class<?> area : PollerContract.class.getDeclaredClasses()) {
            NavigableMap<Integer, String> sentences = new TreeMap<>();
            for (Method method : area.getSuperclass().getDeclaredMethods()) {
                Case number = method.getAnnotation(Case.class);
                if (number != null) {
                    sentences.put(number.value(), CaseSentences.sentence(method.getName()));
                }
            }
            areas.add(Map.entry(area.getSimpleName(), sentences));
        }
        areas.sort(Comparator.comparing(area -> area.getValue().firstKey()));
        Map<String, NavigableMap<Integer, String>> sorted = new LinkedHashMap<>();
        areas.forEach(area -> sorted.put(area.getKey(), area.getValue()));
        return sorted;
    }

    /** Writes the list into a directory, over that of an earlier run. */
    static void write(Path directory) throws IOException {
        List<String> lines = new ArrayList<>();
        contract()
                .forEach(
                        (area, sentences) ->
                                sentences.forEach(
                                        (number, sentence) ->
                                                lines.add(number + "\t" + area + "\t" + sentence)));
        Files.write(directory.resolve(ContractTable.CASES), lines);
    }
}
