package io.uloop.benchmarks.echo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

final class SpreadTest {
    @Test
    void medianOfOddCountIsTheMiddle() {
        assertThat(Spread.of(9, 1, 4)).isEqualTo(new Spread(4, 1, 9));
    }

    @Test
    void medianOfEvenCountIsTheMeanOfTheMiddleTwo() {
        assertThat(Spread.of(8, 1, 2, 4)).isEqualTo(new Spread(3, 1, 8));
    }

    @Test
    void noValuesAreRefused() {
        assertThatThrownBy(Spread::of).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void ratiosCompareConsecutiveRounds() {
        List<Round> base = List.of(Rounds.costing(100), Rounds.costing(400), Rounds.costing(200));
        List<Round> rounds = List.of(Rounds.costing(110), Rounds.costing(400), Rounds.costing(180));

        assertThat(Spread.ofRatios(rounds, base, Round::cpuNanosPerMessage))
                .isEqualTo(new Spread(1, 0.9, 1.1));
    }

    @Test
    void toStringShowsMedianAndRange() {
        assertThat(new Spread(1.041, 0.98, 1.1)).hasToString("1.04 (0.98..1.10)");
    }
}
