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
 * Lists the cases of {@link PollerContract}. The list is written to the directory of the outcomes,
 * so that {@link ContractTable} can detect missing cases without JUnit and without the case
 * classes.
 */
final class CaseList {
    private CaseList() {}

    /** {@return the sentences by area and case number, in the order of the numbers} */
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

    /** Writes the list to a directory, replacing that of an earlier run. */
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
