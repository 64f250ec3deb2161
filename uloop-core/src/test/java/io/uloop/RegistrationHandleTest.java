package io.uloop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.uloop.poller.ClosedPollerException;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.nio.channels.Pipe;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.assertj.core.api.Assumptions;
import org.junit.jupiter.api.Test;

/** Tests the object that stands for a registration. */
class RegistrationHandleTest extends EachBackend {
    private final List<String> seen = new ArrayList<>();

    private void see(int fd, int events) {
        seen.add(UEvent.toString(events));
    }

    @Test
    void registrationDescribesItself() throws IOException {
        int fd = readablePipe();
        Registration registration = loop.add(fd, UEvent.IN, this::see);
        assertThat(registration.fd()).isEqualTo(fd);
        assertThat(registration.interest()).isEqualTo(UEvent.IN);
        assertThat(registration.isActive()).isTrue();
        assertThat(registration).hasToString("Registration[fd=" + fd + "]");
        registration.close();
        assertThat(registration.fd()).isEqualTo(fd);
        assertThat(registration.isActive()).isFalse();
        assertThat(registration).hasToString("Registration[fd=" + fd + ", ended]");
    }

    @Test
    void modifyReplacesTheInterest() throws IOException {
        Registration registration = loop.add(readablePipe(), UEvent.IN, this::see);
        registration.modify(UEvent.NONE);
        assertThat(registration.interest()).isEqualTo(UEvent.NONE);
        assertThat(loop.runOnce(0)).isZero();
        registration.modify(UEvent.IN);
        assertThat(registration.interest()).isEqualTo(UEvent.IN);
        assertThat(loop.runOnce(-1)).isEqualTo(1);
        assertThat(seen).containsExactly("IN");
    }

    @Test
    void modifyByNumberChangesTheRegistration() throws IOException {
        int fd = readablePipe();
        Registration registration = loop.add(fd, UEvent.IN, this::see);
        loop.modify(fd, UEvent.NONE);
        assertThat(registration.interest()).isEqualTo(UEvent.NONE);
    }

    @Test
    void refusedModifyKeepsTheInterest() throws IOException {
        Registration registration = loop.add(readablePipe(), UEvent.IN, this::see);
        assertThatThrownBy(() -> registration.modify(UEvent.HUP))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(registration.interest()).isEqualTo(UEvent.IN);
        assertThat(registration.isActive()).isTrue();
    }

    @Test
    void modifyRearmsOneshot() throws IOException {
        Assumptions.assumeThat(provider.supportedEvents() & UEvent.ONESHOT).isNotZero();
        int oneshot = UEvent.IN | UEvent.ONESHOT;
        Registration registration = loop.add(readablePipe(), oneshot, this::see);
        assertThat(loop.runOnce(-1)).isEqualTo(1);
        assertThat(loop.runOnce(0)).isZero();
        assertThat(registration.isActive()).isTrue();
        assertThat(registration.interest()).isEqualTo(oneshot);
        registration.modify(oneshot);
        assertThat(loop.runOnce(-1)).isEqualTo(1);
    }

    @Test
    void closeDeregistersOnce() throws IOException {
        int fd = readablePipe();
        Registration registration = loop.add(fd, UEvent.IN, this::see);
        registration.close();
        registration.close();
        assertThat(loop.runOnce(0)).isZero();
        assertThat(loop.toString()).contains("descriptors=0");
        assertThatThrownBy(() -> loop.remove(fd)).hasMessageContaining("ENOENT");
        assertThat(seen).isEmpty();
    }

    @Test
    void modifyAfterCloseFails() throws IOException {
        Registration registration = loop.add(readablePipe(), UEvent.IN, this::see);
        registration.close();
        assertThatThrownBy(() -> registration.modify(UEvent.IN)).hasMessageContaining("ENOENT");
        assertThat(loop.toString()).contains("descriptors=0");
    }

    @Test
    void closeInItsOwnHandlerEndsTheRegistration() throws IOException {
        Registration[] registration = new Registration[1];
        registration[0] =
                loop.add(
                        readablePipe(),
                        UEvent.IN,
                        (fd, events) -> {
                            see(fd, events);
                            registration[0].close();
                        });
        loop.runOnce(-1);
        assertThat(loop.runOnce(0)).isZero();
        assertThat(seen).containsExactly("IN");
        assertThat(registration[0].isActive()).isFalse();
    }

    @Test
    void onlyOneOfTwoHandlersThatCloseEachOtherIsCalled() throws IOException {
        Registration[] both = new Registration[2];
        for (int i = 0; i < 2; i++) {
            int other = 1 - i;
            both[i] =
                    loop.add(
                            readablePipe(),
                            UEvent.IN,
                            (fd, events) -> {
                                see(fd, events);
                                both[other].close();
                            });
        }
        loop.runOnce(-1);
        loop.runOnce(0);
        assertThat(seen).isNotEmpty();
        assertThat(both[0].isActive()).isNotEqualTo(both[1].isActive());
    }

    @Test
    void removeByNumberEndsTheRegistration() throws IOException {
        int fd = readablePipe();
        Registration registration = loop.add(fd, UEvent.IN, this::see);
        loop.remove(fd);
        assertThat(registration.isActive()).isFalse();
        registration.close();
    }

    @Test
    void formerRegistrationDoesNotTouchTheNextOfItsNumber() throws IOException {
        int fd = readablePipe();
        Registration former = loop.add(fd, UEvent.IN, this::see);
        loop.remove(fd);
        Registration next = loop.add(fd, UEvent.IN, this::see);
        former.close();
        assertThatThrownBy(() -> former.modify(UEvent.NONE)).hasMessageContaining("ENOENT");
        assertThat(former.isActive()).isFalse();
        assertThat(next.isActive()).isTrue();
        assertThat(next.interest()).isEqualTo(UEvent.IN);
        assertThat(loop.runOnce(-1)).isEqualTo(1);
    }

    @Test
    void registrationOfClosedFileDoesNotTouchTheNextFileOfItsNumber() throws IOException {
        int number = highPipe().readEnd();
        Registration former = loop.add(number, UEvent.IN, (fd, events) -> seen.add("former"));
        close(number);
        reopen(number);
        Registration next = loop.add(number, UEvent.IN, (fd, events) -> seen.add("next"));
        assertThat(former.isActive()).isFalse();
        former.close();
        assertThatThrownBy(() -> former.modify(UEvent.NONE)).hasMessageContaining("ENOENT");
        assertThat(next.isActive()).isTrue();
        runUntil(() -> !seen.isEmpty());
        assertThat(seen).containsOnly("next");
    }

    @Test
    void modifyOfClosedDescriptorEndsTheRegistration() throws IOException {
        int fd = highPipe().readEnd();
        Registration registration = loop.add(fd, UEvent.IN, this::see);
        close(fd);
        assertThatThrownBy(() -> registration.modify(UEvent.OUT)).hasMessageContaining("EBADF");
        assertThat(registration.isActive()).isFalse();
        registration.close();
        assertThat(loop.toString()).contains("descriptors=0");
    }

    @Test
    void closeAfterTheDescriptorIsSilent() throws IOException {
        int fd = highPipe().readEnd();
        Registration registration = loop.add(fd, UEvent.IN, this::see);
        close(fd);
        registration.close();
        assertThat(registration.isActive()).isFalse();
        assertThat(loop.toString()).contains("descriptors=0");
    }

    @Test
    void closeAfterTheJdkChannelIsSilent() throws IOException {
        Pipe pipe = Pipe.open();
        closing(pipe.sink());
        closing(pipe.source()).configureBlocking(false);
        Registration registration = loop.add(pipe.source(), UEvent.IN, this::see);
        pipe.source().close();
        registration.close();
        assertThat(loop.toString()).contains("descriptors=0");
    }

    @Test
    void closedLoopEndsItsRegistrations() throws IOException {
        Registration registration = loop.add(readablePipe(), UEvent.IN, this::see);
        loop.close();
        assertThat(registration.isActive()).isFalse();
        assertThatThrownBy(() -> registration.modify(UEvent.NONE))
                .isInstanceOf(ClosedPollerException.class);
        registration.close();
        registration.close();
    }

    @Test
    void registrationOfClosedLoopIsClosedByAnyThread() throws Exception {
        Registration registration = loop.add(readablePipe(), UEvent.IN, this::see);
        loop.close();
        CompletableFuture.runAsync(registration::close).get();
        assertThat(registration.isActive()).isFalse();
    }

    @Test
    void anotherThreadCannotUseTheRegistrationOfRunningLoop() throws Exception {
        Registration registration = loop.add(pipe().readEnd(), UEvent.IN, this::see);
        loop.execute(
                () -> {
                    CompletableFuture<Void> close = CompletableFuture.runAsync(registration::close);
                    assertThatThrownBy(close::get).hasMessageContaining("cannot use");
                    seen.add("refused");
                });
        loop.runOnce(0);
        assertThat(seen).containsExactly("refused");
        assertThat(registration.isActive()).isTrue();
    }
}
