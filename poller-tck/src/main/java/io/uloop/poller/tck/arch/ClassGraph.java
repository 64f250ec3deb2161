package io.uloop.poller.tck.arch;

import com.tngtech.archunit.ArchConfiguration;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Assertions;

/**
 * Which class of a module uses which. A nested class counts as part of the class that contains it.
 * Requires ArchUnit on the test's class path.
 *
 * <p>Not thread-safe.
 *
 * <pre>{@code
 * ClassGraph graph = ClassGraph.of(ArchitectureTest.class, "com.example");
 * graph.assertArrows(Map.of("com.example", Set.of("com.example.io"), "com.example.io", Set.of()));
 * graph.assertNoPackageCycle();
 * graph.assertKnotsAtMost(5);
 * }</pre>
 *
 * @since 0.1
 */
public final class ClassGraph {
    private final SortedMap<String, SortedSet<String>> uses = new TreeMap<>();

    private ClassGraph() {}

    /**
     * Reads the classes of a package and its subpackages from the class path.
     *
     * @param test a test class; classes from the same folder are left out
     * @param root the package
     * @param except packages to leave out, each with its subpackages
     * @return the graph
     */
    public static ClassGraph of(Class<?> test, String root, String... except) {
        String tests = test.getProtectionDomain().getCodeSource().getLocation().getPath();
        ArchConfiguration.get().setResolveMissingDependenciesFromClassPath(false);
        ClassGraph graph = new ClassGraph();
        new ClassFileImporter()
                        .withImportOption(location -> !location.contains(tests))
                        .importPackages(root)
                        .stream()
                        .filter(each -> isIn(each, root) && !isInAny(each, except))
                        .forEach(each -> graph.add(each, root, except));
        if (graph.uses.isEmpty()) {
            throw new IllegalArgumentException("no classes in package " + root);
        }
        return graph;
    }

    private void add(JavaClass each, String root, String... except) {
        SortedSet<String> used = uses.computeIfAbsent(outermost(each), name -> new TreeSet<>());
        for (Dependency dependency : each.getDirectDependenciesFromSelf()) {
            JavaClass target = dependency.getTargetClass().getBaseComponentType();
            if (isIn(target, root) && !isInAny(target, except)) {
                used.add(outermost(target));
            }
        }
        used.remove(outermost(each));
    }

    private static boolean isIn(JavaClass each, String root) {
        return (each.getPackageName() + '.').startsWith(root + '.');
    }

    private static boolean isInAny(JavaClass each, String... roots) {
        for (String root : roots) {
            if (isIn(each, root)) {
                return true;
            }
        }
        return false;
    }

    private static String outermost(JavaClass each) {
        String name = each.getName();
        int nested = name.indexOf('$', each.getPackageName().length() + 2);
        return nested < 0 ? name : name.substring(0, nested);
    }

    private static String packageOf(String className) {
        return className.substring(0, className.lastIndexOf('.'));
    }

    /** {@return the packages that each package uses, without itself} */
    public SortedMap<String, SortedSet<String>> packages() {
        SortedMap<String, SortedSet<String>> packages = new TreeMap<>();
        uses.forEach(
                (user, used) -> {
                    SortedSet<String> arrows =
                            packages.computeIfAbsent(packageOf(user), name -> new TreeSet<>());
                    used.forEach(each -> arrows.add(packageOf(each)));
                    arrows.remove(packageOf(user));
                });
        return packages;
    }

    /**
     * Returns the knots: sets of two or more classes of one package that all use each other,
     * directly or through others of that package.
     *
     * @return the knots, the largest first
     */
    public List<SortedSet<String>> knots() {
        SortedMap<String, SortedSet<String>> inside = new TreeMap<>();
        uses.forEach(
                (user, used) -> {
                    SortedSet<String> neighbours = new TreeSet<>(used);
                    neighbours.removeIf(each -> !packageOf(each).equals(packageOf(user)));
                    inside.put(user, neighbours);
                });
        return Knots.of(inside);
    }

    /**
     * Asserts that packages use only the packages that they may use.
     *
     * @param allowed the packages that each package may use; a package without an entry fails
     */
    public void assertArrows(Map<String, Set<String>> allowed) {
        SortedSet<String> faults = new TreeSet<>();
        packages()
                .forEach(
                        (user, used) -> {
                            Set<String> permitted = allowed.get(user);
                            if (permitted == null) {
                                faults.add(user + " is not in the table");
                                return;
                            }
                            for (String each : used) {
                                if (!permitted.contains(each)) {
                                    faults.add(user + " -> " + each + ": " + classes(user, each));
                                }
                            }
                        });
        Assertions.assertTrue(faults.isEmpty(), () -> "forbidden arrows: " + lines(faults));
    }

    private String classes(String from, String to) {
        SortedSet<String> pairs = new TreeSet<>();
        uses.forEach(
                (user, used) -> {
                    for (String each : used) {
                        if (packageOf(user).equals(from) && packageOf(each).equals(to)) {
                            pairs.add(simple(user) + " uses " + simple(each));
                        }
                    }
                });
        return String.join(", ", pairs);
    }

    private static String simple(String className) {
        return className.substring(className.lastIndexOf('.') + 1);
    }

    /** Asserts that no packages use each other, directly or through others. */
    public void assertNoPackageCycle() {
        List<SortedSet<String>> cycles = Knots.of(packages());
        Assertions.assertTrue(cycles.isEmpty(), () -> "package cycles: " + lines(cycles));
    }

    /**
     * Asserts that no knot inside a package is larger than a limit.
     *
     * @param classes the limit, 1 or more
     */
    public void assertKnotsAtMost(int classes) {
        List<SortedSet<String>> large =
                knots().stream().filter(knot -> knot.size() > classes).toList();
        Assertions.assertTrue(
                large.isEmpty(),
                () -> "knots of more than " + classes + " classes: " + lines(large));
    }

    private static String lines(Iterable<?> items) {
        StringBuilder text = new StringBuilder();
        items.forEach(each -> text.append("\n  ").append(each));
        return text.toString();
    }
}
