package io.uloop.poller.select;

import static org.assertj.core.api.Assertions.assertThat;

import io.uloop.poller.spi.CloseCounts;
import io.uloop.poller.tck.NoDescriptorLeak;
import java.io.IOException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoDescriptorLeak.class)
class ChannelNumbersTest {
    private final CloseCounts counts = new CloseCounts();
    private final ChannelNumbers numbers = new ChannelNumbers(counts);
    private final List<SelectableChannel> channels = new ArrayList<>();

    private SelectableChannel channel() throws IOException {
        SelectableChannel channel = SocketChannel.open();
        channels.add(channel);
        return channel;
    }

    @AfterEach
    void closeChannels() throws IOException {
        for (SelectableChannel channel : channels) {
            channel.close();
        }
    }

    @Test
    void lowestFreeNumberFromThreeIsTaken() throws IOException {
        for (int fd = 3; fd < 8; fd++) {
            assertThat(numbers.take(channel())).isEqualTo(fd);
        }
        numbers.release(6);
        numbers.release(4);
        assertThat(numbers.take(channel())).isEqualTo(4);
        assertThat(numbers.take(channel())).isEqualTo(6);
        assertThat(numbers.take(channel())).isEqualTo(8);
    }

    @Test
    void numberFindsChannelUntilReleased() throws IOException {
        SelectableChannel channel = channel();
        int fd = numbers.take(channel);
        assertThat(numbers.channel(fd)).isSameAs(channel);
        assertThat(numbers.release(fd)).isSameAs(channel);
        assertThat(numbers.channel(fd)).isNull();
        assertThat(numbers.release(fd)).isNull();
        assertThat(counts.count(fd)).isEqualTo(1);
    }

    @Test
    void unusedNumbersHaveNoChannel() {
        for (int fd : new int[] {Integer.MIN_VALUE, -1, 0, 2, 3, 64, Integer.MAX_VALUE}) {
            assertThat(numbers.channel(fd)).isNull();
            assertThat(numbers.release(fd)).isNull();
        }
    }

    @Test
    void tableGrows() throws IOException {
        SelectableChannel channel = channel();
        for (int fd = 3; fd < 1000; fd++) {
            assertThat(numbers.take(channel)).isEqualTo(fd);
        }
        assertThat(numbers.channel(999)).isSameAs(channel);
    }

    @Test
    void foreignChannelHasOneNumber() throws IOException {
        SelectableChannel channel = channel();
        int fd = numbers.takeForeign(channel);
        assertThat(numbers.takeForeign(channel)).isEqualTo(fd);
        assertThat(numbers.takeForeign(channel())).isNotEqualTo(fd);
    }

    @Test
    void numberOfClosedOwnChannelStaysTaken() throws IOException {
        SelectableChannel channel = channel();
        int fd = numbers.take(channel);
        channel.close();
        for (int i = 0; i < 100; i++) {
            assertThat(numbers.takeForeign(channel())).isNotEqualTo(fd);
        }
        assertThat(counts.count(fd)).isZero();
        assertThat(numbers.release(fd)).isSameAs(channel);
    }

    @Test
    void releaseOfClosedForeignChannelReturnsNull() throws IOException {
        SelectableChannel channel = channel();
        int fd = numbers.takeForeign(channel);
        channel.close();
        assertThat(numbers.release(fd)).isNull();
        assertThat(numbers.channel(fd)).isNull();
    }

    @Test
    void numbersOfClosedForeignChannelsAreReusedAndCountAsClosed() throws IOException {
        int highest = 0;
        int[] uses = new int[200];
        for (int i = 0; i < 2000; i++) {
            SelectableChannel channel = channel();
            int fd = numbers.takeForeign(channel);
            assertThat(counts.count(fd)).isEqualTo(uses[fd]++);
            highest = Math.max(highest, fd);
            channel.close();
        }
        assertThat(highest).isLessThan(100);
    }
}
