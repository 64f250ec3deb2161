package io.uloop.poller.posix.call;

import static org.assertj.core.api.Assertions.assertThat;

import io.uloop.poller.Errno;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Compares the tables of constants with those of jnr-constants, which come from the systems. */
final class ConstantTest {
    private static final Map<OperatingSystem, String> PACKAGES =
            Map.of(
                    OperatingSystem.LINUX, "linux",
                    OperatingSystem.LINUX_ON_MIPS, "linux.mips64el",
                    OperatingSystem.DARWIN, "darwin",
                    OperatingSystem.FREEBSD, "freebsd",
                    OperatingSystem.OPENBSD, "openbsd",
                    OperatingSystem.DRAGONFLY, "dragonflybsd");

    private static final List<String> SETS =
            List.of(
                    "OpenFlags",
                    "Fcntl",
                    "Sock",
                    "AddressFamily",
                    "Shutdown",
                    "SocketMessage",
                    "SocketControlMessage",
                    "SocketLevel",
                    "IPProto",
                    "SocketOption",
                    "TCP",
                    "IP",
                    "IPv6");

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "UNKNOWN")
    void constantsAreThoseOfJnr(OperatingSystem system) {
        SoftAssertions all = new SoftAssertions();
        for (Constant each : Constant.values()) {
            Optional<jnr.constants.Constant> expected =
                    SETS.stream().flatMap(set -> find(system, set, each.name()).stream()).findAny();
            all.assertThat(each.valueOn(system))
                    .as(each.name())
                    .isEqualTo(
                            expected.map(jnr.constants.Constant::intValue).orElse(Constant.NONE));
        }
        all.assertAll();
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "UNKNOWN")
    void errnosAreThoseOfJnr(OperatingSystem system) {
        ErrnoNumbers numbers = new ErrnoNumbers(system);
        SoftAssertions all = new SoftAssertions();
        for (Errno each : Errno.values()) {
            all.assertThat(numbers.number(each))
                    .as(each.name())
                    .isEqualTo(
                            find(system, "Errno", each.name())
                                    .map(jnr.constants.Constant::intValue)
                                    .orElse(Constant.NONE));
        }
        all.assertAll();
    }

    /** The processors of Linux that JNR tells apart have the same constants, but for MIPS. */
    @ParameterizedTest
    @EnumSource(Constant.class)
    void constantsAreTheSameOnOtherProcessors(Constant constant) {
        for (String processor : List.of("aarch64", "s390x", "loongarch64", "powerpc64")) {
            for (String set : SETS) {
                find("linux." + processor, set, constant.name())
                        .ifPresent(
                                each ->
                                        assertThat(each.intValue())
                                                .as(processor)
                                                .isEqualTo(
                                                        constant.valueOn(OperatingSystem.LINUX)));
            }
        }
    }

    private static Optional<jnr.constants.Constant> find(
            OperatingSystem system, String set, String name) {
        return find(PACKAGES.get(system), set, name);
    }

    private static Optional<jnr.constants.Constant> find(String platform, String set, String name) {
        try {
            Class<?> type = Class.forName("jnr.constants.platform." + platform + "." + set);
            return Arrays.stream(type.getEnumConstants())
                    .filter(each -> ((Enum<?>) each).name().equals(name))
                    .map(each -> (jnr.constants.Constant) each)
                    .findAny();
        } catch (ClassNotFoundException e) {
            return Optional.empty();
        }
    }
}
