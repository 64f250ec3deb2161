package io.uloop.live;

import io.uloop.Uloop;
import io.uloop.group.UloopGroup;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/** The loops on a page. A group may replace its loops. Thread-safe once it is complete. */
final class ShownLoops {
    private final List<Supplier<List<Uloop>>> sources;

    ShownLoops() {
        this(List.of());
    }

    private ShownLoops(List<Supplier<List<Uloop>>> sources) {
        this.sources = new ArrayList<>(sources);
    }

    /** {@return the same loops, without those that are added to this later} */
    ShownLoops copy() {
        return new ShownLoops(sources);
    }

    /** Adds a loop, without keeping it reachable. */
    void add(Uloop loop) {
        WeakReference<Uloop> shown = new WeakReference<>(loop);
        sources.add(
                () -> {
                    Uloop current = shown.get();
                    return current == null ? List.of() : List.of(current);
                });
    }

    void add(UloopGroup group) {
        sources.add(() -> IntStream.range(0, group.size()).mapToObj(group::loop).toList());
    }

    /** {@return the loops, some of which may be closed} */
    List<Uloop> list() {
        return sources.stream().flatMap(each -> each.get().stream()).distinct().toList();
    }
}
