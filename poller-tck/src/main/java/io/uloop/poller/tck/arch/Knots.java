package io.uloop.poller.tck.arch;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeSet;

/** Finds the strongly connected components of a graph with Tarjan's algorithm. */
final class Knots {
    private final SortedMap<String, ? extends Set<String>> arrows;
    private final Map<String, Integer> numbers = new HashMap<>();
    private final Deque<String> path = new ArrayDeque<>();
    private final List<SortedSet<String>> found = new ArrayList<>();

    private Knots(SortedMap<String, ? extends Set<String>> arrows) {
        this.arrows = arrows;
    }

    /** {@return the components of two or more nodes, the largest first} */
    static List<SortedSet<String>> of(SortedMap<String, ? extends Set<String>> arrows) {
        Knots knots = new Knots(arrows);
        for (String node : arrows.keySet()) {
            if (!knots.numbers.containsKey(node)) {
                knots.visit(node);
            }
        }
        knots.found.removeIf(knot -> knot.size() < 2);
        knots.found.sort(Comparator.comparingInt((SortedSet<String> knot) -> -knot.size()));
        return knots.found;
    }

    /** Numbers a node, and returns the lowest number on the current path that it reaches. */
    private int visit(String node) {
        int number = numbers.size();
        numbers.put(node, number);
        path.push(node);
        int low = number;
        Set<String> used = arrows.get(node);
        for (String next : used == null ? Set.<String>of() : used) {
            if (!numbers.containsKey(next)) {
                low = Math.min(low, visit(next));
            } else if (path.contains(next)) {
                low = Math.min(low, numbers.get(next));
            }
        }
        if (low == number) {
            takeFromPath(node);
        }
        return low;
    }

    private void takeFromPath(String root) {
        SortedSet<String> component = new TreeSet<>();
        String node;
        do {
            node = path.pop();
            component.add(node);
        } while (!node.equals(root));
        found.add(component);
    }
}
