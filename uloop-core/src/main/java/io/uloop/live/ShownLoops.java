package io.uloop.live;

import io.uloop.Uloop;
import io.uloop.group.UloopGroup;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** The loops on a page. A group may replace its loops. Thread-safe once it is complete. */
final class ShownLoops {
    /** Where loops come from. */
    private interface Source {
        List<Uloop> loops();

        /** Returns whether a loop is open, or is going to be. */
        boolean isOpen();
    }

    private final List<Source> sources;

    ShownLoops() {
        this(List.of());
    }

    private ShownLoops(List<Source> sources) {
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
                new Source() {
                    @Override
                    public List<Uloop> loops() {
                        Uloop current = shown.get();
                        return current == null ? List.of() : List.of(current);
                    }

                    @Override
                    public boolean isOpen() {
                        Uloop current = shown.get();
                        return current != null && current.isOpen();
                    }
                });
    }

    void add(UloopGroup group) {
        sources.add(
                new Source() {
                    @Override
                    public List<Uloop> loops() {
                        return IntStream.range(0, group.size()).mapToObj(group::loop).toList();
                    }

                    @Override
                    public boolean isOpen() {
                        return !group.hasEnded();
                    }
                });
    }

    /** {@return the loops, some of which may be closed} */
    List<Uloop> list() {
        return sources.stream().flatMap(each -> each.loops().stream()).distinct().toList();
    }

    /** Returns whether one of them is open, or a group is replacing one. */
    boolean isOpen() {
        return sources.stream().anyMatch(Source::isOpen);
    }
}
