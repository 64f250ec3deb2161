package io.uloop.poller.tck.fuzz;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** Rules of the model that random sequences seldom exercise. */
class ModelTest {
    private static final long SHORT_NANOS = 400_000;
    private static final long LONG_NANOS = 5_000_000;

    private final Model model = new Model(0);

    private void pollEmpty(long timeoutNanos, long elapsedNanos) {
        model.beginPoll();
        model.endPoll(0, timeoutNanos, elapsedNanos);
    }

    @Test
    void shortPollMayLeaveTheWakeupToTheNext() {
        model.wokenUp(false);
        pollEmpty(SHORT_NANOS, SHORT_NANOS);
        pollEmpty(SHORT_NANOS, SHORT_NANOS);
        pollEmpty(SHORT_NANOS, 0);
    }

    @Test
    void earlyPollConsumesTheWakeup() {
        model.wokenUp(false);
        pollEmpty(SHORT_NANOS, 0);
        assertThatThrownBy(() -> pollEmpty(SHORT_NANOS, 0))
                .isInstanceOf(Divergence.class)
                .hasMessageContaining("R12");
    }

    @Test
    void longPollMustNoticeAWakeup() {
        model.wokenUp(false);
        pollEmpty(0, 0);
        pollEmpty(LONG_NANOS, LONG_NANOS);
        assertThatThrownBy(() -> pollEmpty(LONG_NANOS, 0))
                .isInstanceOf(Divergence.class)
                .hasMessageContaining("R12");
        model.wokenUp(false);
        assertThatThrownBy(() -> pollEmpty(LONG_NANOS, LONG_NANOS))
                .isInstanceOf(Divergence.class)
                .hasMessageContaining("R13");
    }

    @Test
    void pollNeedNotNoticeALateWakeupOfAnotherThread() {
        model.signalled();
        model.beginPoll();
        model.signalledLate();
        model.endPoll(0, LONG_NANOS, LONG_NANOS);
        pollEmpty(LONG_NANOS, 0);
        model.signalled();
        assertThatThrownBy(() -> pollEmpty(LONG_NANOS, LONG_NANOS))
                .isInstanceOf(Divergence.class)
                .hasMessageContaining("R13");
    }
}
