package io.uloop.poller.posix;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import io.uloop.poller.posix.call.Libc;
import io.uloop.poller.posix.call.Posix;
import io.uloop.poller.posix.call.SixArgumentCall;
import io.uloop.poller.posix.memory.Memory;
import io.uloop.poller.tck.Ends;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Starts children with posix_spawn(3), as other native code in the process may. A child of {@link
 * ProcessBuilder} closes all inherited descriptors itself.
 */
final class InheritanceTest extends DescriptorsTest {
    private static final SixArgumentCall SPAWN = SixArgumentCall.find(null, "posix_spawn");
    private static final Calls CALLS = Posix.bind(Calls.class);

    @TempDir private Path directory;

    InheritanceTest(boolean linux) {
        super(linux);
    }

    /** Public only for JNR's stub. */
    public interface Calls {
        int waitpid(int pid, long status, int options);
    }

    @Test
    void childInheritsNothing() throws IOException {
        assertThat(inherited(openOneOfEach())).isEmpty();
    }

    @Test
    void childInheritsInheritableDescriptors() throws IOException {
        int[] ends = track(Ends.of(descriptors.pipe()));
        assertThat(Libc.CALLS.fcntl(ends[0], 2, 0)).isZero(); // F_SETFD without FD_CLOEXEC
        assertThat(inherited(pair(ends))).containsExactly(ends[0]);
    }

    private List<Integer> openOneOfEach() throws IOException {
        List<Integer> all = new ArrayList<>();
        for (StandardProtocolFamily family : StandardProtocolFamily.values()) {
            all.add(track(descriptors.openStream(family)));
            all.add(track(descriptors.openListener(family)));
            all.add(track(descriptors.openDatagram(family)));
        }
        int listener = all.get(1);
        descriptors.listen(listener, Loopback.IPV4, 1);
        descriptors.connect(all.get(0), descriptors.localAddress(listener));
        all.add(accept(listener));
        all.addAll(pair(track(Ends.of(descriptors.pipe()))));
        all.addAll(pair(track(Ends.of(descriptors.socketPair()))));
        all.addAll(pair(track(Ends.of(descriptors.pty()))));
        all.add(track(descriptors.open(Path.of("/"))));
        all.add(track(descriptors.dup(0)));
        if (linux) {
            all.add(track(descriptors.eventfd(0)));
            all.add(track(descriptors.timerfd()));
            all.add(track(descriptors.inotify()));
            all.add(track(descriptors.pidfd(ProcessHandle.current().pid())));
        }
        return all;
    }

    private static List<Integer> pair(int[] ends) {
        return Arrays.stream(ends).boxed().toList();
    }

    /**
     * Returns which of the numbers are open in a child. The child opens no files before it has
     * checked all of them.
     */
    private List<Integer> inherited(List<Integer> numbers) throws IOException {
        Path list = directory.resolve("list");
        String all = numbers.stream().map(String::valueOf).collect(joining(" "));
        String script =
                ("for fd in %s; do [ -e /proc/$$/fd/$fd ] && open=\"$open $fd\"; done;"
                                + " echo $open > %s")
                        .formatted(all, list);
        assertThat(run(List.of("/bin/sh", "-c", script))).isZero();
        return Arrays.stream(Files.readString(list).split("\\s+", -1))
                .filter(number -> !number.isEmpty())
                .map(Integer::valueOf)
                .toList();
    }

    private static int run(List<String> command) {
        ByteBuffer strings = ByteBuffer.allocateDirect(1000);
        Memory block = Memory.allocate(100);
        try {
            long address = Memory.addressOf(strings);
            for (int i = 0; i < command.size(); i++) {
                block.view().putLong(16 + i * Long.BYTES, address + strings.position());
                strings.put(command.get(i).getBytes(US_ASCII)).put((byte) 0);
            }
            long arguments = block.address() + 16;
            assertThat(SPAWN.call(block.address(), address, 0, 0, arguments, 0)).isZero();
            int pid = block.view().getInt(0);
            assertThat(CALLS.waitpid(pid, block.address() + 8, 0)).isEqualTo(pid);
            return block.view().getInt(8);
        } finally {
            block.free();
        }
    }
}
