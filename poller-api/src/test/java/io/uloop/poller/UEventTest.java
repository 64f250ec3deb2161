package io.uloop.poller;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class UEventTest {
    @Test
    void namesAreJoinedInBitOrder() {
        assertThat(UEvent.toString(UEvent.IN | UEvent.OUT | UEvent.EDGE)).isEqualTo("IN|OUT|EDGE");
        assertThat(UEvent.toString(UEvent.RDHUP | UEvent.HUP)).isEqualTo("HUP|RDHUP");
    }

    @Test
    void noBitsAreNone() {
        assertThat(UEvent.toString(0)).isEqualTo("NONE");
    }

    @Test
    void unnamedBitsAreHexadecimal() {
        assertThat(UEvent.toString(UEvent.IN | 0x40)).isEqualTo("IN|0x40");
    }

    @Test
    void everyBitBelongsToOneGroup() {
        assertThat(Integer.bitCount(UEvent.INTERESTS | UEvent.OUTPUT_ONLY | UEvent.MODES))
                .isEqualTo(10);
    }
}
