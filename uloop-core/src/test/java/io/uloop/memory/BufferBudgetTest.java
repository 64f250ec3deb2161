package io.uloop.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.uloop.CapturedLog;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BufferBudgetTest {
    private static final int KIB = 1 << 10;

    private final CapturedLog log = new CapturedLog("io.uloop.connection");
    private final BufferBudget budget = new BufferBudget(256 * KIB);
    private final List<String> ended = new ArrayList<>();

    @AfterEach
    void closeLog() {
        log.close();
    }

    private BufferShare share(String name, int kib) throws IOException {
        BufferShare[] share = new BufferShare[1];
        share[0] =
                new BufferShare(
                        budget,
                        new BufferShare.Owner() {
                            @Override
                            public void endForMemory(IOException failure) {
                                ended.add(name);
                                share[0].close();
                            }

                            @Override
                            public String toString() {
                                return name;
                            }
                        });
        share[0].add((long) kib * KIB);
        return share[0];
    }

    @Test
    void exhaustedBudgetEndsTheLargestShare() throws IOException {
        share("small", 10);
        share("large", 150);
        share("medium", 70);
        share("new", 40);
        assertThat(ended).containsExactly("large");
        assertThat(budget.held()).isEqualTo(120 * KIB);
        assertThat(budget.ended()).isEqualTo(1);
        assertThat(log.messages()).singleElement().asString().contains("large holds 153600 of");
    }

    /** While a fiber ends another connection, a lock may suspend it, and its own may be closed. */
    @Test
    void shareThatIsClosedWhileAnotherIsEndedAddsNothing() throws IOException {
        BufferShare asking = share("asking", 10);
        new BufferShare(budget, failure -> asking.close()).add(200 * KIB);
        assertThatThrownBy(() -> asking.add(100 * KIB)).hasMessageContaining("it is closed");
        assertThat(budget.held()).isZero();
    }

    @Test
    void exhaustedBudgetEndsTheLongestIdleOfEqualShares() throws IOException {
        BufferShare first = share("first", 60);
        share("second", 60);
        share("third", 60);
        share("fourth", 60);
        first.touch();
        share("fifth", 60);
        assertThat(ended).containsExactly("second");
    }

    @Test
    void largestRequesterIsRefused() throws IOException {
        BufferShare greedy = share("greedy", 200);
        share("other", 30);
        assertThatThrownBy(() -> greedy.add(100 * KIB))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("greedy holds 204800 of the 262144 bytes")
                .hasMessageContaining("UloopBuilder.bufferBudget");
        assertThat(ended).isEmpty();
        assertThat(greedy.bytes()).isEqualTo(200 * KIB);
        assertThat(budget.ended()).isEqualTo(1);
    }

    @Test
    void clientInHandshakeReplacesAnIdleOne() throws IOException {
        for (int i = 0; i < 32; i++) {
            share("idle " + i, 8);
        }
        share("new", 16);
        assertThat(ended).containsExactly("idle 0", "idle 1");
    }

    @Test
    void closedShareReleasesAllAndCountsNothing() throws IOException {
        BufferShare share = share("one", 100);
        share.close();
        share.remove(50 * KIB);
        share.close();
        assertThat(budget.held()).isZero();
        assertThatThrownBy(() -> share.add(1)).hasMessageContaining("closed");
    }

    @Test
    void loopsOfAGroupShareTheDefault() throws IOException {
        long half = DirectLimit.bytes() / 2;
        BufferBudget part = new BufferBudget(0);
        part.shareDefault(4);
        BufferShare share = new BufferShare(part, failure -> {});
        share.add(half / 4);
        assertThatThrownBy(() -> share.add(1)).hasMessageContaining(half / 4 + " bytes");
    }
}
