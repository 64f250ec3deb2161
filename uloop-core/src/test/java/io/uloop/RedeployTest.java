package io.uloop;

import static org.assertj.core.api.Assertions.assertThat;

import io.uloop.poller.tck.ChildJava;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;

/** A program that is deployed several times in one JVM leaves nothing behind. */
class RedeployTest {
    private static String redeploy(String... options) throws Exception {
        return ChildJava.of(RedeployedProgram.class, "6").options(options).run();
    }

    @Test
    @EnabledForJreRange(min = JRE.JAVA_22)
    void foreignLeavesNoClassLoader() throws Exception {
        assertThat(redeploy("-Duloop.native=foreign").lines().toList())
                .contains("EBADF", "0 of 6 alive")
                .doesNotContain("ran on select");
    }

    @Test
    void selectLeavesNoClassLoader() throws Exception {
        assertThat(redeploy("-Duloop.poller=select").lines().toList())
                .contains("EBADF", "ran on select", "0 of 6 alive");
    }
}
