package io.uloop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.uloop.poller.Descriptors;
import io.uloop.poller.Pollers;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.IllegalBlockingModeException;
import java.nio.channels.Pipe;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tests adding, modifying and removing, outside and inside handlers. */
class RegistrationTest extends EachBackend {
    private final List<String> seen = new ArrayList<>();

    private void see(int fd, int events) {
        seen.add(UEvent.toString(events));
    }

    @Test
    void loopKnowsItsBackend() throws IOException {
        assertThat(loop.provider()).isSameAs(provider);
        assertThat(loop.descriptors()).isSameAs(provider.descriptors());
        try (Uloop named = Uloop.builder().poller(provider.name()).build()) {
            assertThat(named.provider().name()).isEqualTo(provider.name());
        }
        try (Uloop best = Uloop.open()) {
            assertThat(best.provider().name()).isEqualTo(Pollers.provider().name());
        }
    }

    @Test
    void readyDescriptorReachesItsHandlerUntilItIsDrained() throws IOException {
        Descriptors.Pipe pipe = pipe();
        loop.add(pipe.readEnd(), UEvent.IN, this::see);
        assertThat(loop.runOnce(0)).isZero();
        write(pipe.writeEnd(), "x");
        assertThat(loop.runOnce(-1)).isEqualTo(1);
        assertThat(loop.runOnce(-1)).isEqualTo(1);
        assertThat(read(pipe.readEnd())).isEqualTo("x");
        assertThat(loop.runOnce(0)).isZero();
        assertThat(seen).containsExactly("IN", "IN");
    }

    @Test
    void modifyReplacesTheInterest() throws IOException {
        int fd = readablePipe();
        loop.add(fd, UEvent.IN, this::see);
        loop.modify(fd, UEvent.NONE);
        assertThat(loop.runOnce(0)).isZero();
        loop.modify(fd, UEvent.IN);
        assertThat(loop.runOnce(-1)).isEqualTo(1);
        assertThat(seen).containsExactly("IN");
    }

    @Test
    void invalidCallsFailAndChangeNothing() throws IOException {
        int fd = readablePipe();
        assertThatThrownBy(() -> loop.modify(fd, UEvent.IN)).hasMessageContaining("ENOENT");
        assertThatThrownBy(() -> loop.remove(fd)).hasMessageContaining("ENOENT");
        assertThatThrownBy(() -> loop.add(-1, UEvent.IN, this::see)).hasMessageContaining("EBADF");
        loop.add(fd, UEvent.IN, this::see);
        assertThatThrownBy(() -> loop.add(fd, UEvent.IN, (f, events) -> seen.add("wrong")))
                .hasMessageContaining("EEXIST");
        loop.runOnce(-1);
        assertThat(seen).containsExactly("IN");
        loop.remove(fd);
        assertThatThrownBy(() -> loop.remove(fd)).hasMessageContaining("ENOENT");
    }

    @Test
    void descriptorAddedByHandlerIsReportedInTheNextTurn() throws IOException {
        int first = readablePipe();
        int second = readablePipe();
        loop.add(
                first,
                UEvent.IN,
                (fd, events) -> {
                    seen.add("first");
                    loop.remove(first);
                    loop.add(second, UEvent.IN, (f, e) -> seen.add("second"));
                });
        assertThat(loop.runOnce(-1)).isEqualTo(1);
        assertThat(seen).containsExactly("first");
        assertThat(loop.runOnce(-1)).isEqualTo(1);
        assertThat(seen).containsExactly("first", "second");
    }

    @Test
    void handlerMayRemoveItself() throws IOException {
        int once = readablePipe();
        loop.add(
                once,
                UEvent.IN,
                (fd, events) -> {
                    seen.add("once");
                    loop.remove(fd);
                });
        loop.runOnce(-1);
        assertThat(loop.runOnce(0)).isZero();
        assertThat(seen).containsExactly("once");
    }

    @Test
    void onlyOneOfTwoHandlersThatRemoveEachOtherIsCalled() throws IOException {
        int one = readablePipe();
        int two = readablePipe();
        EventHandler removeOther =
                (fd, events) -> {
                    seen.add("called");
                    loop.remove(fd == one ? two : one);
                };
        loop.add(one, UEvent.IN, removeOther);
        loop.add(two, UEvent.IN, removeOther);
        loop.runOnce(-1);
        assertThat(seen).containsExactly("called");
    }

    @Test
    void numberReusedInABatchDoesNotGetTheOldEvent() throws IOException {
        int one = readablePipe();
        int two = readablePipe();
        EventHandler replaceOther =
                (fd, events) -> {
                    int other = fd == one ? two : one;
                    seen.add("old");
                    loop.remove(other);
                    close(other);
                    reopen(other);
                    loop.add(other, UEvent.IN, (f, e) -> seen.add("new"));
                    loop.remove(fd);
                };
        loop.add(one, UEvent.IN, replaceOther);
        loop.add(two, UEvent.IN, replaceOther);
        loop.runOnce(-1);
        assertThat(seen).containsExactly("old");
        loop.runOnce(-1);
        assertThat(seen).containsExactly("old", "new");
    }

    @Test
    void numberReusedWithoutRemoveDoesNotGetTheOldEvent() throws IOException {
        int one = readablePipe();
        int two = readablePipe();
        EventHandler replaceOther =
                (fd, events) -> {
                    int other = fd == one ? two : one;
                    seen.add("old");
                    close(other);
                    reopen(other);
                    loop.add(other, UEvent.IN, (f, e) -> seen.add("new"));
                    loop.remove(fd);
                };
        loop.add(one, UEvent.IN, replaceOther);
        loop.add(two, UEvent.IN, replaceOther);
        loop.runOnce(-1);
        assertThat(seen).containsExactly("old");
        loop.runOnce(-1);
        assertThat(seen).containsExactly("old", "new");
    }

    @Test
    void numberClosedWithoutRemoveCanBeAddedAgain() throws IOException {
        int old = highPipe().readEnd();
        loop.add(old, UEvent.IN, (fd, events) -> seen.add("old"));
        close(old);
        reopen(old);
        loop.add(old, UEvent.IN, (fd, events) -> seen.add("new"));
        runUntil(() -> seen.size() >= 2);
        assertThat(seen).containsOnly("new");
    }

    @Test
    void modifyOfClosedDescriptorDeregistersIt() throws IOException {
        Descriptors.Pipe pipe = pipe();
        loop.add(pipe.readEnd(), UEvent.IN, this::see);
        close(pipe.readEnd());
        assertThatThrownBy(() -> loop.modify(pipe.readEnd(), UEvent.OUT))
                .hasMessageContaining("EBADF");
        assertThatThrownBy(() -> loop.remove(pipe.readEnd())).hasMessageContaining("ENOENT");
        assertThat(loop.toString()).contains("descriptors=0");
    }

    @Test
    void channelOfTheJdkIsAddedModifiedAndRemoved() throws IOException {
        Pipe pipe = Pipe.open();
        try (Pipe.SourceChannel source = pipe.source();
                Pipe.SinkChannel sink = pipe.sink()) {
            source.configureBlocking(false);
            ByteBuffer target = ByteBuffer.allocate(8);
            Registration registration =
                    loop.add(
                            source,
                            UEvent.IN,
                            (fd, events) -> {
                                seen.add(UEvent.toString(events));
                                source.read(target);
                            });
            registration.modify(UEvent.NONE);
            sink.write(bytes("abc"));
            assertThat(loop.runOnce(0)).isZero();
            registration.modify(UEvent.IN);
            assertThat(loop.runOnce(-1)).isEqualTo(1);
            assertThat(text(target)).isEqualTo("abc");
            registration.close();
            sink.write(bytes("d"));
            assertThat(loop.runOnce(0)).isZero();
        }
        assertThat(seen).containsExactly("IN");
        loop.runOnce(0);
    }

    @Test
    void blockingChannelIsRejected() throws IOException {
        Pipe pipe = Pipe.open();
        try (Pipe.SourceChannel source = pipe.source();
                Pipe.SinkChannel sink = pipe.sink()) {
            assertThat(sink.isOpen()).isTrue();
            assertThatThrownBy(() -> loop.add(source, UEvent.IN, this::see))
                    .isInstanceOf(IllegalBlockingModeException.class);
        }
        assertThat(loop.toString()).contains("descriptors=0");
    }

    @Test
    void closeLeavesTheUsersDescriptorsOpen() throws IOException {
        Descriptors.Pipe pipe = pipe();
        loop.add(pipe.readEnd(), UEvent.IN, this::see);
        loop.close();
        loop.close();
        write(pipe.writeEnd(), "x");
        assertThat(read(pipe.readEnd())).isEqualTo("x");
    }
}
