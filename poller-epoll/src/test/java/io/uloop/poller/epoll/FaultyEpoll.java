package io.uloop.poller.epoll;

import io.uloop.poller.posix.call.EpollCalls;
import io.uloop.poller.posix.call.Linux;
import io.uloop.poller.posix.call.Posix;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Forwards to the kernel, except for calls that a test makes fail. */
final class FaultyEpoll implements EpollCalls {
    private record Fault(String call, int errno) {}

    private final List<Fault> faults = new ArrayList<>();
    final List<String> made = new ArrayList<>();
    int eventLimit = Integer.MAX_VALUE;

    /** Lets calls that do not wait find nothing. */
    boolean blind;

    /** Makes the next call of this name fail. ADD, MOD and DEL name an operation of epoll_ctl. */
    FaultyEpoll fail(String call, int errno) {
        faults.add(new Fault(call, errno));
        return this;
    }

    private boolean fails(String call) {
        made.add(call);
        Optional<Fault> fault = faults.stream().filter(f -> f.call.equals(call)).findFirst();
        fault.ifPresent(
                f -> {
                    faults.remove(f);
                    Posix.setErrno(f.errno);
                });
        return fault.isPresent();
    }

    @Override
    public int epoll_create1(int flags) {
        return fails("epoll_create1") ? -1 : Linux.CALLS.epoll_create1(flags);
    }

    @Override
    public int epoll_ctl(int epfd, int operation, int fd, long event) {
        String name =
                switch (operation) {
                    case EpollCalls.EPOLL_CTL_ADD -> "ADD";
                    case EpollCalls.EPOLL_CTL_MOD -> "MOD";
                    default -> "DEL";
                };
        return fails(name) ? -1 : Linux.CALLS.epoll_ctl(epfd, operation, fd, event);
    }

    @Override
    public int epoll_wait(int epfd, long events, int capacity, int timeoutMillis) {
        return fails("epoll_wait")
                ? -1
                : Linux.CALLS.epoll_wait(
                        epfd, events, Math.min(capacity, eventLimit), timeoutMillis);
    }

    @Override
    public int quick_epoll_wait(int epfd, long events, int capacity, int timeoutMillis) {
        if (blind && timeoutMillis == 0) {
            return 0;
        }
        return fails("quick_epoll_wait")
                ? -1
                : Linux.CALLS.quick_epoll_wait(
                        epfd, events, Math.min(capacity, eventLimit), timeoutMillis);
    }

    @Override
    public int epoll_pwait2(int epfd, long events, int capacity, long timespec, long signalMask) {
        return fails("epoll_pwait2")
                ? -1
                : Linux.CALLS.epoll_pwait2(
                        epfd, events, Math.min(capacity, eventLimit), timespec, signalMask);
    }

    @Override
    public int dup3(int fd, int number, int flags) {
        return fails("dup3") ? -1 : Linux.CALLS.dup3(fd, number, flags);
    }
}
