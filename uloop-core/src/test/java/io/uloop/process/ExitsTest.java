package io.uloop.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.uloop.CapturedLog;
import io.uloop.EachBackend;
import io.uloop.Handle;
import io.uloop.LoopThread;
import io.uloop.RefHandle;
import io.uloop.Uloop;
import io.uloop.poller.Descriptors;
import io.uloop.poller.Errno;
import io.uloop.poller.NativeDescriptors;
import io.uloop.poller.PollerException;
import io.uloop.poller.tck.ChildJava;
import io.uloop.poller.tck.ForwardingProvider;
import io.uloop.poller.tck.HighNumbers;
import io.uloop.poller.tck.Interceptor;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests that exits of processes are handled on the loop's thread. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "there is no sh")
class ExitsTest extends EachBackend {
    private static PollerException error(Errno errno) {
        return new PollerException("pidfd_open", "OPEN", -1, errno, "as the test says");
    }

    private final List<String> seen = new ArrayList<>();

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 42, 255})
    void exitOfChildReportsItsStatus(int status) throws Exception {
        Process child = start("exit " + status);
        Exits.on(loop, child, (process, code) -> seen.add((process == child) + " " + code));
        runUntil(() -> !seen.isEmpty());
        assertThat(seen).containsExactly("true " + status);
        assertThat(child.waitFor()).isEqualTo(status);
    }

    @Test
    void exitBySignalReports128PlusItsNumber() throws Exception {
        Process child = start("kill -TERM $$");
        Exits.on(loop, child, (process, status) -> seen.add(status + " " + loop.inLoop()));
        runUntil(() -> !seen.isEmpty());
        assertThat(seen).containsExactly("143 true");
    }

    @Test
    void unreferencedExitDoesNotKeepARunWaiting() throws Exception {
        Process child = start("read line");
        RefHandle exit = Exits.on(loop, child, (process, status) -> seen.add("child"));
        RefHandle other = Exits.on(loop, child.toHandle(), () -> seen.add("handle"));
        assertThat(exit.hasRef() && other.hasRef()).isTrue();
        exit.unref();
        other.unref().unref();
        assertThat(exit.hasRef() || other.hasRef()).isFalse();
        loop.runUntilIdle();
        assertThat(seen).isEmpty();
        other.ref();
        child.getOutputStream().close();
        loop.runUntilIdle();
        runUntil(() -> seen.size() == 2);
        assertThat(seen).containsExactlyInAnyOrder("child", "handle");
        exit.ref();
        other.unref();
        loop.runUntilIdle();
    }

    @Test
    void earlierExitIsReported() throws Exception {
        Process child = start("exit 3");
        child.waitFor();
        Exits.on(loop, child, (process, status) -> seen.add("status " + status));
        Exits.on(loop, child.toHandle(), () -> seen.add("handle"));
        runUntil(() -> seen.size() == 2);
        assertThat(seen).containsExactlyInAnyOrder("status 3", "handle");
    }

    @Test
    void exitOfChildWakesTheLoop() throws Exception {
        Process child = start("read line");
        try (LoopThread thread = new LoopThread(loop)) {
            Exits.on(
                    loop,
                    child,
                    (process, status) -> {
                        seen.add("status " + status);
                        loop.stop();
                    });
            child.getOutputStream().close();
            thread.join();
        }
        assertThat(seen).containsExactly("status 1");
    }

    @Test
    void exitOfEachChildIsReportedOnce() throws Exception {
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            int number = i;
            expected.add(i + " with status " + i);
            Exits.on(
                    loop,
                    start("exit " + i),
                    (process, status) -> seen.add(number + " with status " + status));
        }
        loop.runUntilIdle();
        assertThat(seen).containsExactlyInAnyOrderElementsOf(expected);
    }

    @Test
    void exitOfProcessThatIsNotAChildIsReported() throws Exception {
        Process parent = start("sleep 1000 >/dev/null & echo $!; wait");
        BufferedReader output = parent.inputReader();
        ProcessHandle grandchild =
                ProcessHandle.of(Long.parseLong(output.readLine())).orElseThrow();
        Exits.on(loop, grandchild, () -> seen.add("grandchild"));
        Exits.on(loop, parent, (process, status) -> seen.add("parent"));
        loop.runOnce(0);
        assertThat(seen).isEmpty();
        grandchild.destroyForcibly();
        runUntil(() -> seen.size() == 2);
        assertThat(seen).containsExactlyInAnyOrder("grandchild", "parent");
    }

    @Test
    void closedRegistrationIsNotCalled() throws Exception {
        Process child = start("read line");
        Handle status = Exits.on(loop, child, (process, code) -> seen.add("status"));
        Handle handle = Exits.on(loop, child.toHandle(), () -> seen.add("handle"));
        Exits.on(loop, child, (process, code) -> seen.add("last"));
        status.close();
        handle.close();
        handle.close();
        child.getOutputStream().close();
        loop.runUntilIdle();
        assertThat(seen).containsExactly("last");
    }

    @Test
    void closeByAnotherThreadLeavesTheLoopIdle() throws Exception {
        Process child = start("read line");
        Handle status = Exits.on(loop, child, (process, code) -> seen.add("status"));
        Handle handle = Exits.on(loop, child.toHandle(), () -> seen.add("handle"));
        loop.execute(() -> new Thread(() -> close(status, handle)).start());
        loop.runUntilIdle();
        assertThat(seen).isEmpty();
        child.destroy();
        child.waitFor();
    }

    @Test
    void closedLoopLeavesNoRegistration() throws Exception {
        Process child = start("read line");
        Exits.on(loop, child, (process, code) -> seen.add("status"));
        Exits.on(loop, child.toHandle(), () -> seen.add("handle")).close();
        Exits.on(loop, child.toHandle(), () -> seen.add("handle"));
        loop.close();
        child.destroy();
        child.waitFor();
        assertThat(seen).isEmpty();
    }

    @Test
    void throwingHandlerIsLoggedAndReported() throws Exception {
        try (CapturedLog log = new CapturedLog("io.uloop")) {
            IOException failure = new IOException("of the test");
            Exits.on(
                    loop,
                    start("exit 0"),
                    (process, status) -> {
                        throw failure;
                    });
            runUntil(() -> !failures.isEmpty());
            assertThat(failures).containsExactly(failure);
            assertThat(log.messages().get(0)).contains("exit handler", "at the end of Process[");
            failures.clear();
        }
    }

    @Test
    void thisProcessIsRejected() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Exits.on(loop, ProcessHandle.current(), () -> {}))
                .withMessageContaining("exit of this process itself");
    }

    @Test
    void closedLoopRejectsRegistrations() throws Exception {
        Process child = start("exit 0");
        loop.close();
        assertThatIllegalStateException()
                .isThrownBy(() -> Exits.on(loop, child, (process, status) -> {}))
                .withMessageContaining("is closed");
        assertThatIllegalStateException()
                .isThrownBy(() -> Exits.on(loop, child.toHandle(), () -> {}))
                .withMessageContaining("is closed");
        child.waitFor();
    }

    private Process start(String script) throws IOException {
        Process child = new ProcessBuilder("sh", "-c", script).redirectErrorStream(true).start();
        closing(child::destroyForcibly);
        closing(child.getInputStream());
        closing(child.getOutputStream());
        return child;
    }

    private static void close(Handle... registrations) {
        for (Handle registration : registrations) {
            registration.close();
        }
    }

    @Test
    void closedRegistrationRetainsNothing() throws Exception {
        Process child = start("read line");
        WeakReference<ExitHandler> handler = watchAndClose(child);
        Awaitility.await()
                .atMost(DEADLINE)
                .until(
                        () -> {
                            System.gc();
                            return handler.get() == null;
                        });
        assertThat(child.isAlive()).isTrue();
    }

    private WeakReference<ExitHandler> watchAndClose(Process child) throws IOException {
        Object own = new Object();
        ExitHandler handler = (process, status) -> seen.add("" + own);
        Handle registration = Exits.on(loop, child, handler);
        registration.close();
        loop.runUntilIdle();
        return new WeakReference<>(handler);
    }

    @Test
    void pollsIfSandboxDeniesPidfd() throws Exception {
        Process child = start("exit 0");
        ProcessHandle handle = child.toHandle();
        try (Uloop sandboxed =
                withPidfd(
                        pid -> {
                            throw error(Errno.EPERM);
                        })) {
            Exits.on(sandboxed, handle, () -> seen.add("handle"));
            sandboxed.runUntilIdle();
        }
        assertThat(seen).containsExactly("handle");
    }

    @Test
    void busyCommonPoolDoesNotDelayExits() throws Exception {
        String output =
                ChildJava.of(StarvedPoolProgram.class)
                        .options("-Djava.util.concurrent.ForkJoinPool.common.parallelism=2")
                        .run();
        assertThat(output.lines())
                .contains(provider.name() + " [child 3, handle, piped 4, spawned]");
    }

    @ParameterizedTest
    @EnumSource(names = {"EMFILE", "ENOSYS", "EPERM", "ESRCH", "ENOMEM"})
    void childWithoutPidfdIsPolled(Errno errno) throws Exception {
        Process child = start("read line; exit 5");
        try (Uloop without =
                withPidfd(
                        pid -> {
                            throw error(errno);
                        })) {
            Exits.on(without, child, (process, status) -> seen.add("status " + status));
            without.callLater(Duration.ofMillis(20), () -> closeInput(child));
            without.runUntilIdle();
        }
        assertThat(seen).containsExactly("status 5");
    }

    @Test
    void customProcessIsPolled() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        Process remote =
                new Process() {
                    @Override
                    public OutputStream getOutputStream() {
                        return OutputStream.nullOutputStream();
                    }

                    @Override
                    public InputStream getInputStream() {
                        return InputStream.nullInputStream();
                    }

                    @Override
                    public InputStream getErrorStream() {
                        return InputStream.nullInputStream();
                    }

                    @Override
                    public int waitFor() throws InterruptedException {
                        end.await();
                        return 6;
                    }

                    @Override
                    public int exitValue() {
                        if (end.getCount() > 0) {
                            throw new IllegalThreadStateException("still runs");
                        }
                        return 6;
                    }

                    @Override
                    public void destroy() {
                        end.countDown();
                    }
                };
        Exits.on(loop, remote, (process, status) -> seen.add("status " + status));
        loop.callLater(Duration.ofMillis(20), remote::destroy);
        loop.runUntilIdle();
        assertThat(seen).containsExactly("status 6");
    }

    private void closeInput(Process child) {
        try {
            child.getOutputStream().close();
        } catch (IOException e) {
            failures.add(e);
        }
    }

    @Test
    void closeDuringRegistrationLeavesNoDescriptor() throws Exception {
        assumeTrue(!provider.name().equals("select"), "NIO has no process descriptors");
        Process child = start("exit 0");
        ProcessHandle handle = child.toHandle();
        Uloop[] closing = new Uloop[1];
        int fd = HighNumbers.raise(io, NativeDescriptors.of(provider).eventfd(0));
        closing[0] =
                withPidfd(
                        pid -> {
                            Awaitility.await().atMost(DEADLINE).until(() -> !handle.isAlive());
                            closing[0].close();
                            return fd;
                        });
        Exits.on(closing[0], handle, () -> seen.add("handle"));
        assertThatThrownBy(() -> io.close(fd)).isInstanceOf(IOException.class);
        assertThat(seen).isEmpty();
    }

    @FunctionalInterface
    private interface PidfdCall {
        int pidfd(long pid) throws IOException;
    }

    /** Opens a loop whose backend opens process descriptors with this call. */
    private Uloop withPidfd(PidfdCall call) throws IOException {
        Interceptor interceptor =
                each ->
                        each.name().equals("pidfd")
                                ? call.pidfd((Long) each.arguments()[0])
                                : each.proceed();
        Descriptors other = interceptor.before(Descriptors.class, io);
        return build(
                new ForwardingProvider(provider) {
                    @Override
                    public Descriptors descriptors() {
                        return other;
                    }
                });
    }
}
