package io.uloop.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileWatcherTest extends EachSource {
    private static final Path QUEUE_LIMIT = Path.of("/proc/sys/fs/inotify/max_queued_events");

    private final List<String> seen = new ArrayList<>();
    private final List<Integer> cookies = new ArrayList<>();

    @TempDir private Path directory;

    private void see(FileWatch watch, int events, @Nullable Path name, int cookie) {
        seen.add(FileEvent.toString(events) + (name == null ? "" : " " + name));
        cookies.add(cookie);
    }

    private FileWatcher open() throws IOException {
        assumeLinux();
        return closing(FileWatcher.open(loop));
    }

    /** Delivers all events: inotify queues an event before the call that causes it returns. */
    private void drain() throws IOException {
        while (loop.runOnce(0) > 0) {
            assertThat(loop.isOpen()).isTrue();
        }
    }

    @Test
    void directoryReportsEventsOfItsEntries() throws IOException {
        FileWatcher watcher = open();
        int events = FileEvent.ALL & ~(FileEvent.OPEN | FileEvent.CLOSE_NOWRITE | FileEvent.ACCESS);
        FileWatch watch = watcher.watch(directory, events, this::see);
        assertThat(watch.path()).isEqualTo(directory);
        Path file = directory.resolve("a");
        Files.writeString(file, "x");
        Files.createDirectory(directory.resolve("b"));
        Files.delete(file);
        drain();
        assertThat(seen)
                .containsExactly(
                        "CREATE a", "MODIFY a", "CLOSE_WRITE a", "CREATE|ISDIR b", "DELETE a");
        assertThat(cookies).containsOnly(0);
    }

    @Test
    void bothEventsOfARenameHaveTheSameCookie() throws IOException {
        FileWatcher watcher = open();
        Files.createFile(directory.resolve("a"));
        watcher.watch(directory, FileEvent.MOVED_FROM | FileEvent.MOVED_TO, this::see);
        Files.move(directory.resolve("a"), directory.resolve("b"));
        Files.move(directory.resolve("b"), directory.resolve("c"));
        drain();
        assertThat(seen)
                .containsExactly("MOVED_FROM a", "MOVED_TO b", "MOVED_FROM b", "MOVED_TO c");
        assertThat(cookies.get(0)).isNotZero().isEqualTo(cookies.get(1));
        assertThat(cookies.get(2)).isNotEqualTo(cookies.get(0)).isEqualTo(cookies.get(3));
    }

    @Test
    void watchOfADeletedFileEnds() throws IOException {
        FileWatcher watcher = open();
        Path file = Files.createFile(directory.resolve("a"));
        FileWatch watch = watcher.watch(file, FileEvent.DELETE_SELF, this::see);
        Files.delete(file);
        assertThat(watch.isActive()).isTrue();
        drain();
        assertThat(seen).containsExactly("DELETE_SELF", "IGNORED");
        assertThat(watch.isActive()).isFalse();
        watch.close();
        Files.createFile(file);
        watcher.watch(file, FileEvent.MODIFY, this::see);
        Files.writeString(file, "x");
        drain();
        assertThat(seen).endsWith("MODIFY");
    }

    @Test
    void watchThatIsClosedAfterItsFileIsGoneEndsQuietly() throws IOException {
        FileWatcher watcher = open();
        Path file = Files.createFile(directory.resolve("a"));
        FileWatch watch = watcher.watch(file, FileEvent.DELETE_SELF, this::see);
        Files.delete(file);
        watch.close();
        drain();
        assertThat(seen).isEmpty();
    }

    @Test
    void watchFollowsAMovedFile() throws IOException {
        FileWatcher watcher = open();
        Path file = Files.createFile(directory.resolve("a"));
        FileWatch watch = watcher.watch(file, FileEvent.MOVE_SELF | FileEvent.MODIFY, this::see);
        Path moved = Files.move(file, directory.resolve("b"));
        Files.writeString(moved, "x");
        drain();
        assertThat(seen).containsExactly("MOVE_SELF", "MODIFY");
        assertThat(watch.isActive()).isTrue();
    }

    @Test
    void closedWatchGetsNoQueuedEvents() throws IOException {
        FileWatcher watcher = open();
        FileWatch watch = watcher.watch(directory, FileEvent.CREATE, this::see);
        Files.createFile(directory.resolve("a"));
        watch.close();
        watch.close();
        drain();
        assertThat(seen).isEmpty();
        assertThat(watch.isActive()).isFalse();
    }

    @Test
    void eachWatchOfAFileGetsItsRequestedEvents() throws IOException {
        FileWatcher watcher = open();
        List<String> others = new ArrayList<>();
        Path link = Files.createSymbolicLink(directory.resolve("link"), directory);
        FileWatch first = watcher.watch(directory, FileEvent.CREATE, this::see);
        FileWatch second =
                watcher.watch(
                        link,
                        FileEvent.CREATE | FileEvent.DELETE,
                        (watch, events, name, cookie) -> {
                            others.add(FileEvent.toString(events));
                            first.close();
                        });
        Path file = Files.createFile(directory.resolve("a"));
        Files.delete(file);
        drain();
        assertThat(others).containsExactly("CREATE", "DELETE");
        assertThat(seen).isEmpty();
        FileWatch third = watcher.watch(directory, FileEvent.CREATE, this::see);
        second.close();
        Files.createFile(file);
        drain();
        assertThat(others).hasSize(2);
        assertThat(seen).containsExactly("CREATE a");
        third.close();
        Files.delete(file);
        drain();
        assertThat(seen).hasSize(1);
    }

    @Test
    void overflowIsReportedToAllWatches() throws IOException {
        FileWatcher watcher = open();
        // Read by lines in one call, because procfs files have no second read.
        int limit = Integer.parseInt(Files.readAllLines(QUEUE_LIMIT).get(0));
        Path other = Files.createDirectory(directory.resolve("other"));
        Path file = directory.resolve("a");
        watcher.watch(directory, FileEvent.CREATE | FileEvent.DELETE, this::see);
        watcher.watch(other, FileEvent.CREATE, this::see);
        for (int i = 0; i <= limit / 2; i++) {
            Files.delete(Files.createFile(file));
        }
        drain();
        assertThat(seen).hasSize(limit + 2);
        assertThat(seen.subList(limit, limit + 2)).containsExactly("OVERFLOW", "OVERFLOW");
        Files.createFile(file);
        drain();
        assertThat(seen).endsWith("CREATE a");
    }

    @Test
    void eventsOfSeveralReadsAreDeliveredInOrder() throws IOException {
        FileWatcher watcher = open();
        List<String> expected = new ArrayList<>();
        watcher.watch(directory, FileEvent.CREATE, this::see);
        for (int i = 0; i < 500; i++) {
            String name = "f" + "x".repeat(i % 250) + i;
            Files.createFile(directory.resolve(name));
            expected.add("CREATE " + name);
        }
        drain();
        assertThat(seen).isEqualTo(expected);
    }

    @Test
    void failingHandlerDoesNotLoseOtherEvents() throws IOException {
        FileWatcher watcher = open();
        watcher.watch(
                directory,
                FileEvent.CREATE,
                (watch, events, name, cookie) -> {
                    seen.add(String.valueOf(name));
                    throw new IOException("of " + name);
                });
        for (int i = 0; i < 3; i++) {
            Files.createFile(directory.resolve("f" + i));
        }
        drain();
        assertThat(seen).containsExactly("f0", "f1", "f2");
        assertThat(failures).singleElement().asString().contains("of f0");
        assertThat(failures.get(0).getSuppressed()).hasSize(2);
        failures.clear();
    }

    /** Each call throws the same one, which cannot suppress itself. */
    @Test
    void errorOfAHandlerDoesNotLoseOtherEvents() throws IOException {
        FileWatcher watcher = open();
        AssertionError error = new AssertionError("by the test");
        watcher.watch(
                directory,
                FileEvent.CREATE,
                (watch, events, name, cookie) -> {
                    seen.add(String.valueOf(name));
                    throw error;
                });
        for (int i = 0; i < 3; i++) {
            Files.createFile(directory.resolve("f" + i));
        }
        assertThatThrownBy(this::drain).isSameAs(error);
        assertThat(seen).containsExactly("f0", "f1", "f2");
    }

    @Test
    void handlerMayCloseTheWatcher() throws IOException {
        FileWatcher watcher = open();
        FileWatch watch =
                watcher.watch(
                        directory,
                        FileEvent.CREATE,
                        (which, events, name, cookie) -> {
                            seen.add(String.valueOf(name));
                            watcher.close();
                        });
        Files.createFile(directory.resolve("a"));
        Files.createFile(directory.resolve("b"));
        drain();
        assertThat(seen).containsExactly("a");
        assertThat(watch.isActive()).isFalse();
        watch.close();
        assertThatIllegalStateException()
                .isThrownBy(() -> watcher.watch(directory, FileEvent.CREATE, this::see));
        assertThat(watcher.toString()).startsWith("FileWatcher[fd=").endsWith(", closed]");
    }

    @Test
    void handlerMayAddWatches() throws IOException {
        FileWatcher watcher = open();
        watcher.watch(
                directory,
                FileEvent.CREATE | FileEvent.ONLYDIR,
                (watch, events, name, cookie) ->
                        watcher.watch(watch.path().resolve(name), FileEvent.CREATE, this::see));
        Path below = Files.createDirectory(directory.resolve("below"));
        drain();
        Files.createFile(below.resolve("a"));
        drain();
        assertThat(seen).containsExactly("CREATE a");
    }

    @Test
    void appendsByAnotherProcessAreSeen() throws Exception {
        FileWatcher watcher = open();
        Path log = Files.createFile(directory.resolve("log"));
        long[] size = new long[1];
        watcher.watch(
                log, FileEvent.MODIFY, (watch, events, name, cookie) -> size[0] = Files.size(log));
        Process writer = start("sh", "-c", "for i in 1 2 3 4 5 6 7 8 9; do echo $i; done >>" + log);
        runUntil(() -> size[0] == 18);
        assertThat(status(writer)).isZero();
    }

    @Test
    void invalidCallsFailWithErrno() throws IOException {
        FileWatcher watcher = open();
        Path file = Files.createFile(directory.resolve("a"));
        int[] wrong = {0, FileEvent.ONLYDIR, FileEvent.IGNORED | FileEvent.CREATE, 1 << 31 | 2};
        for (int events : wrong) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> watcher.watch(file, events, this::see));
        }
        assertThatThrownBy(() -> watcher.watch(directory.resolve("b"), 2, this::see))
                .hasMessageContaining("ENOENT");
        assertThatThrownBy(() -> watcher.watch(file, 2 | FileEvent.ONLYDIR, this::see))
                .hasMessageContaining("ENOTDIR");
        Files.write(file, new byte[1], StandardOpenOption.APPEND);
        drain();
        assertThat(seen).isEmpty();
    }

    @Test
    void everyBitHasItsName() {
        assertThat(FileEvent.toString(0)).isEqualTo("NONE");
        assertThat(FileEvent.toString(FileEvent.DELETE_SELF | FileEvent.ISDIR | 0x10000))
                .isEqualTo("DELETE_SELF|0x10000|ISDIR");
        assertThat(FileEvent.toString(-1).split("\\|"))
                .hasSize(Integer.SIZE)
                .contains("ACCESS", "UNMOUNT", "IGNORED", "0x1000", "DONT_FOLLOW", "EXCL_UNLINK");
        assertThat(IntStream.of(FileEvent.MODIFY, FileEvent.MOVE_SELF, FileEvent.ONLYDIR))
                .containsExactly(2, 0x800, 0x1000000);
    }

    @Test
    void unsupportedBackendNamesTheAlternative() {
        assertUnsupported(() -> FileWatcher.open(loop), "WatchService");
    }
}
