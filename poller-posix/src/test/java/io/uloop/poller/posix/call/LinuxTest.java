package io.uloop.poller.posix.call;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LinuxTest {
    @Test
    void systemCallNumbersDependOnTheArchitecture() {
        assertThat(Linux.systemCallsFrom("amd64")).isZero();
        assertThat(Linux.systemCallsFrom("aarch64")).isZero();
        assertThat(Linux.systemCallsFrom("mips")).isEqualTo(4000);
        assertThat(Linux.systemCallsFrom("mips64el")).isEqualTo(5000);
    }
}
