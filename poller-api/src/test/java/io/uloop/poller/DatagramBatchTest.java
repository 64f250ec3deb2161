package io.uloop.poller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class DatagramBatchTest {
    @Test
    void slotsAreEmptyAndSeparate() {
        DatagramBatch batch = new DatagramBatch(3, 10);
        assertThat(batch.capacity()).isEqualTo(3);
        assertThat(batch.slotBytes()).isEqualTo(10);
        for (int i = 0; i < 3; i++) {
            assertThat(batch.data(i).hasRemaining()).isFalse();
            assertThat(batch.data(i).isDirect()).isTrue();
            assertThat(batch.data(i)).isSameAs(batch.data(i));
            assertThat(batch.address(i).family()).isNull();
            assertThat(batch.segmentBytes(i)).isZero();
            assertThat(batch.isTruncated(i)).isFalse();
        }
        batch.data(1).clear().put(new byte[] {1, 1, 1, 1, 1, 1, 1, 1, 1, 1});
        assertThat(batch.data(0).clear()).isEqualTo(ByteBuffer.allocate(10));
        assertThat(batch.data(2).clear()).isEqualTo(ByteBuffer.allocate(10));
    }

    @Test
    void setReceivedDescribesDatagram() {
        DatagramBatch batch = new DatagramBatch(1, 10);
        batch.data(0).clear().position(9);
        batch.setReceived(0, 7, 3);
        batch.info(0).setReceived(2, 5, true);
        assertThat(batch.data(0).position()).isZero();
        assertThat(batch.data(0).remaining()).isEqualTo(7);
        assertThat(batch.segmentBytes(0)).isEqualTo(3);
        assertThat(batch.isTruncated(0)).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"0,1", "-1,1", "1025,1", "1,0", "1,-1", "1024,2097152"})
    void sizesOutOfRangeAreRejected(int capacity, int slotBytes) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new DatagramBatch(capacity, slotBytes));
    }

    @ParameterizedTest
    @CsvSource({"-1", "65536"})
    void segmentSizesOutOfRangeAreRejected(int bytes) {
        DatagramBatch batch = new DatagramBatch(1, 1);
        assertThatIllegalArgumentException().isThrownBy(() -> batch.setSegmentBytes(0, bytes));
    }
}
