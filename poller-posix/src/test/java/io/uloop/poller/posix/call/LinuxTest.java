package io.uloop.poller.posix.call;

import static org.assertj.core.api.Assertions.assertThat;

import jnr.ffi.Platform;
import org.junit.jupiter.api.Test;

class LinuxTest {
    @Test
    void systemCallNumbersDependOnTheArchitecture() {
        assertThat(Linux.systemCallsFrom(Platform.CPU.X86_64)).isZero();
        assertThat(Linux.systemCallsFrom(Platform.CPU.AARCH64)).isZero();
        assertThat(Linux.systemCallsFrom(Platform.CPU.MIPS32)).isEqualTo(4000);
        assertThat(Linux.systemCallsFrom(Platform.CPU.MIPS64EL)).isEqualTo(5000);
    }
}
