package io.uloop.poller.tck;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CaseSentencesTest {
    @ParameterizedTest
    @CsvSource({
        "levelRepeatsUntilDrained, level repeats until drained",
        "addingTwiceIsEEXIST, adding twice is EEXIST",
        "addingTwiceIsEEXISTAndTheFirstStays, adding twice is EEXIST and the first stays",
        "anEventIsIN, an event is IN",
        "closeInsideASinkEndsIt, close inside a sink ends it",
        "descriptorsAbove1024Work, descriptors above 1024 work",
        "aTcpPeerThatCloses, a tcp peer that closes",
    })
    void splitsCamelCaseIntoWords(String name, String sentence) {
        assertThat(CaseSentences.sentence(name)).isEqualTo(sentence);
    }
}
