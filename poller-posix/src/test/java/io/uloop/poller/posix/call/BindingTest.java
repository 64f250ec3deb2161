package io.uloop.poller.posix.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.uloop.poller.Errno;
import io.uloop.poller.tck.ChildJava;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import jnr.ffi.annotations.IgnoreError;
import jnr.ffi.annotations.Variadic;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Tests the ways to call native code, whichever of them the other tests use. */
final class BindingTest {
    /** Functions with every number and order of arguments. Public only for the stubs. */
    public interface Calls {
        int getpid();

        int close(int fd);

        long calloc(long count, long size);

        void free(long address);

        long recv(int fd, long buffer, long count, int flags);

        int getsockopt(int fd, int level, int name, long value, long length);

        @Variadic(fixedCount = 2)
        int fcntl(int fd, int command, int argument);

        @IgnoreError
        int quick_poll(long descriptors, long count, int timeoutMillis);

        long labs(long number);

        int abs(int number);

        int no_library_has_this(int fd);
    }

    /** Prints which binding was chosen, and whether classes of JNR were loaded. */
    static final class Chosen {
        public static void main(String[] arguments) {
            System.out.println(NativeAccess.unavailability());
            System.out.println(Binding.name());
        }
    }

    static List<Binding> bindings() {
        List<Binding> all = new ArrayList<>(List.of(new JnrBinding()));
        if (Runtime.version().feature() >= ForeignBinding.FIRST_JDK) {
            all.add(ForeignBinding.open());
        }
        return all;
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void argumentsAndResultsPass(Binding binding) {
        Calls calls = binding.bind(Calls.class, null);
        assertThat(calls.getpid()).isEqualTo((int) ProcessHandle.current().pid());
        assertThat(calls.abs(-7)).isEqualTo(7);
        assertThat(calls.abs(Integer.MIN_VALUE + 1)).isEqualTo(Integer.MAX_VALUE);
        assertThat(calls.labs(Long.MIN_VALUE + 1)).isEqualTo(Long.MAX_VALUE);
        long address = calls.calloc(3, 5);
        ByteBuffer memory = binding.view(address, 15);
        assertThat(memory.isDirect()).isTrue();
        assertThat(memory.capacity()).isEqualTo(15);
        assertThat(memory.get(14)).isZero();
        assertThat(binding.addressOf(memory)).isEqualTo(address);
        assertThat(binding.addressOf(memory.position(4).slice())).isEqualTo(address + 4);
        assertThat(binding.addressOf(memory.position(9).limit(12))).isEqualTo(address);
        calls.free(address);
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void failureLeavesErrno(Binding binding) {
        Calls calls = binding.bind(Calls.class, null);
        assertThat(calls.close(-1)).isEqualTo(-1);
        assertThat(binding.errno()).isEqualTo(Posix.EBADF);
        assertThat(calls.recv(0x7FFF_FFFF, 0, 0, 0)).isEqualTo(-1);
        assertThat(binding.errno()).isEqualTo(Posix.EBADF);
        assertThat(calls.fcntl(1, 9999, 0)).isEqualTo(-1);
        assertThat(binding.errno()).isEqualTo(Posix.EINVAL);
        binding.setErrno(Posix.number(Errno.EXDEV));
        assertThat(binding.errno()).isEqualTo(Posix.number(Errno.EXDEV));
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void quickCallLeavesErrnoAlone(Binding binding) {
        Calls calls = binding.bind(Calls.class, null);
        assertThat(calls.close(-1)).isEqualTo(-1);
        assertThat(calls.quick_poll(0, 0, 0)).isZero();
        assertThat(calls.quick_poll(-1, 1, 0)).isEqualTo(-1); // EFAULT
        assertThat(binding.errno()).isEqualTo(Posix.EBADF);
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void eachThreadHasItsErrno(Binding binding) throws InterruptedException {
        Calls calls = binding.bind(Calls.class, null);
        assertThat(calls.close(-1)).isEqualTo(-1);
        Thread other = new Thread(() -> binding.setErrno(Posix.EPIPE));
        other.start();
        other.join();
        assertThat(binding.errno()).isEqualTo(Posix.EBADF);
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void missingFunctionFailsOnlyWhenCalled(Binding binding) {
        Calls calls = binding.bind(Calls.class, null);
        assertThatExceptionOfType(UnsatisfiedLinkError.class)
                .isThrownBy(() -> calls.no_library_has_this(1));
        assertThatExceptionOfType(UnsatisfiedLinkError.class)
                .isThrownBy(() -> binding.sixArguments(null, "no_library_has_this"))
                .withMessageContaining("no_library_has_this");
        assertThatThrownBy(
                        () ->
                                binding.bind(Calls.class, Path.of("/nowhere/lib.so"))
                                        .no_library_has_this(1))
                .isInstanceOf(UnsatisfiedLinkError.class)
                .hasMessageContaining("/nowhere/lib.so");
    }

    /** mmap(2) would not map without its sixth argument, which must be aligned. */
    @ParameterizedTest
    @MethodSource("bindings")
    void sixArgumentsPass(Binding binding) {
        assumeTrue(Linux.HERE, "the flags are those of Linux");
        SixArgumentCall mmap = binding.sixArguments(null, "mmap");
        assertThat(mmap.call(0, 4096, 1, 0x22, -1, 1)).isEqualTo(-1);
        assertThat(binding.errno()).isEqualTo(Posix.EINVAL);
        long address = mmap.call(0, 4096, 3, 0x22, -1, 0);
        assertThat(address).isGreaterThan(0);
        assertThat(binding.view(address, 4096).get(4095)).isZero();
    }

    @Test
    void variadicFunctionsAreThoseMarkedForJnr() {
        List<Method> marked =
                Stream.of(Libc.Calls.class, Linux.Calls.class)
                        .flatMap(calls -> Stream.of(calls.getMethods()))
                        .filter(method -> method.isAnnotationPresent(Variadic.class))
                        .toList();
        assertThat(marked).isNotEmpty();
        for (Method each : marked) {
            assertThat(StubClass.VARIADIC)
                    .containsEntry(each.getName(), each.getAnnotation(Variadic.class).fixedCount());
        }
        assertThat(StubClass.VARIADIC).hasSize(marked.size());
    }

    private static List<String> choose(List<String> options, boolean withJnr) throws Exception {
        String[] classPath = System.getProperty("java.class.path").split(":");
        String output =
                ChildJava.of(Chosen.class)
                        .launcher("env", "-u", "ULOOP_NATIVE")
                        .options(options.toArray(String[]::new))
                        .options("-Xlog:class+load:stdout")
                        .classPath(
                                Stream.of(classPath)
                                        .filter(entry -> withJnr || !isJnr(entry))
                                        .toList())
                        .run();
        return output.lines().toList();
    }

    private static boolean isJnr(String entry) {
        return entry.contains("jnr-") || entry.contains("jffi");
    }

    @Test
    @EnabledForJreRange(min = JRE.JAVA_22)
    void foreignIsTheDefaultAndLoadsNoClassOfJnr() throws Exception {
        assertThat(choose(List.of(), true))
                .contains("null", "foreign")
                .anyMatch(line -> line.contains(" java.lang.foreign."))
                .noneMatch(BindingTest::loadsJnr);
    }

    @Test
    @EnabledForJreRange(min = JRE.JAVA_22)
    void foreignNeedsNoJarOfJnr() throws Exception {
        assertThat(choose(List.of(), false)).contains("null", "foreign");
    }

    @Test
    @EnabledForJreRange(max = JRE.JAVA_21)
    void foreignRequiresJdk22() throws Exception {
        assertThat(choose(List.of("-Duloop.native=foreign"), true))
                .anyMatch(
                        line ->
                                line.contains("requires JDK 22 or newer")
                                        && line.contains("-Duloop.native=jnr"));
    }

    @Test
    @EnabledForJreRange(max = JRE.JAVA_21)
    void jnrIsTheDefaultBelowJdk22() throws Exception {
        assertThat(choose(List.of(), true)).contains("null", "jnr").anyMatch(BindingTest::loadsJnr);
    }

    @Test
    @EnabledForJreRange(max = JRE.JAVA_21)
    void missingJnrIsReportedBelowJdk22() throws Exception {
        assertThat(choose(List.of(), false))
                .anyMatch(
                        line ->
                                line.contains("add com.github.jnr:jnr-ffi")
                                        && line.contains("or use JDK 22 or newer"));
    }

    @Test
    void propertyChoosesTheBinding() throws Exception {
        assertThat(choose(List.of("-Duloop.native=jnr"), true))
                .contains("null", "jnr")
                .anyMatch(BindingTest::loadsJnr);
        assertThat(choose(List.of("-Duloop.native=c"), true))
                .anyMatch(line -> line.contains("-Duloop.native must be jnr or foreign, not c"));
    }

    private static boolean loadsJnr(String line) {
        return line.contains(" jnr.") || line.contains(" com.kenai.");
    }
}
