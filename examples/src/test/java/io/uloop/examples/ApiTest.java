package io.uloop.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReader;
import java.lang.module.ModuleReference;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.Member;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Type;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The public API is the one in docs/api.txt, until releases are compared with each other. After an
 * intended change, write the file again and commit it:
 *
 * <pre>
 * ./mvnw verify -pl examples -am -Dtest=ApiTest -Dsurefire.failIfNoSpecifiedTests=false -Dapi.write=true
 * </pre>
 */
class ApiTest {
    private static final Path FILE = Path.of("../docs/api.txt");

    @Test
    void apiIsTheOneOnFile() throws IOException {
        List<String> api = new ArrayList<>(api());
        if (Boolean.getBoolean("api.write")) {
            Files.write(FILE, api, UTF_8);
        }
        List<String> former = Files.readAllLines(FILE, UTF_8);
        assertThat(without(api, former)).as("missing in docs/api.txt, see ApiTest").isEmpty();
        assertThat(without(former, api)).as("only in docs/api.txt, see ApiTest").isEmpty();
    }

    /** Each type says since which version it exists. */
    @Test
    void sourceOfEachTypeHasItsVersion() throws IOException {
        List<String> missing = new ArrayList<>();
        for (Class<?> type : types()) {
            if (type.getEnclosingClass() == null && !source(type).contains("\n * @since ")) {
                missing.add(type.getName());
            }
        }
        assertThat(missing).isEmpty();
    }

    private static String source(Class<?> type) throws IOException {
        String name = "src/main/java/" + type.getName().replace('.', '/') + ".java";
        try (Stream<Path> modules = Files.list(Path.of(".."))) {
            Path file =
                    modules.map(each -> each.resolve(name)).filter(Files::exists).findAny().get();
            return Files.readString(file, UTF_8);
        }
    }

    private static List<String> without(List<String> some, List<String> others) {
        return some.stream().filter(each -> !Set.copyOf(others).contains(each)).toList();
    }

    private static TreeSet<String> api() throws IOException {
        TreeSet<String> lines = new TreeSet<>();
        for (Class<?> type : types()) {
            lines.add(declaration(type));
            for (Field each : type.getDeclaredFields()) {
                if (isPublic(each)) {
                    lines.add(line(type, each, each.getName(), each.getGenericType()));
                }
            }
            for (Constructor<?> each : type.getDeclaredConstructors()) {
                if (isPublic(each)) {
                    lines.add(
                            line(type, each, "new" + list(each.getGenericParameterTypes()), type)
                                    + thrown(each.getExceptionTypes()));
                }
            }
            for (Method each : type.getDeclaredMethods()) {
                if (isPublic(each)) {
                    String name = each.getName() + list(each.getGenericParameterTypes());
                    lines.add(
                            line(type, each, name, each.getGenericReturnType())
                                    + thrown(each.getExceptionTypes()));
                }
            }
        }
        return lines;
    }

    private static String declaration(Class<?> type) {
        String parents =
                Stream.concat(
                                Stream.ofNullable(type.getGenericSuperclass()),
                                Arrays.stream(type.getGenericInterfaces()))
                        .map(Type::getTypeName)
                        .filter(each -> !each.equals("java.lang.Object"))
                        .collect(Collectors.joining(", "));
        int modifiers = type.getModifiers() & ~Modifier.STATIC;
        return type.getName() + ": " + Modifier.toString(modifiers) + " type < " + parents;
    }

    private static String line(Class<?> type, Member member, String name, Type value) {
        String modifiers =
                Modifier.toString(member.getModifiers() & ~Modifier.SYNCHRONIZED & ~0xc0);
        return type.getName() + "." + name + ": " + modifiers + " " + value.getTypeName();
    }

    private static String list(Type[] types) {
        return Arrays.stream(types)
                .map(Type::getTypeName)
                .collect(Collectors.joining(", ", "(", ")"));
    }

    private static String thrown(Class<?>[] exceptions) {
        return exceptions.length == 0 ? "" : " throws " + list(exceptions);
    }

    private static boolean isPublic(Member member) {
        return !member.isSynthetic() && isPublic(member.getModifiers());
    }

    private static boolean isPublic(int modifiers) {
        return Modifier.isPublic(modifiers) || Modifier.isProtected(modifiers);
    }

    /** Returns the public types that the modules of this project export to everybody. */
    private static List<Class<?>> types() throws IOException {
        Path[] path =
                Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator, -1))
                        .filter(
                                each ->
                                        each.matches(
                                                ".*[/\\\\](poller-(?!tck)|uloop-)[^/\\\\]*([/\\\\].*)?"))
                        .map(Path::of)
                        .toArray(Path[]::new);
        List<Class<?>> types = new ArrayList<>();
        for (ModuleReference module : ModuleFinder.of(path).findAll()) {
            try (ModuleReader reader = module.open();
                    Stream<String> names = reader.list()) {
                for (String name : names.filter(each -> isExported(module, each)).toList()) {
                    types.add(Class.forName(name.replace('/', '.').replace(".class", "")));
                }
            } catch (ClassNotFoundException e) {
                throw new AssertionError(e);
            }
        }
        types.removeIf(each -> !isPublic(each.getModifiers()) || each.isAnonymousClass());
        return types;
    }

    private static boolean isExported(ModuleReference module, String file) {
        int slash = file.lastIndexOf('/');
        return file.endsWith(".class")
                && slash > 0
                && module.descriptor().exports().stream()
                        .filter(each -> !each.isQualified())
                        .map(ModuleDescriptor.Exports::source)
                        .anyMatch(file.substring(0, slash).replace('/', '.')::equals);
    }
}
