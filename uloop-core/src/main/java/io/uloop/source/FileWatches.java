package io.uloop.source;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The watches of a watcher by the kernel's number. The kernel assigns numbers in rising order and
 * does not reuse them before the last one, so a sorted list finds a watch without boxing its
 * number. The watches of one file share a number and are chained.
 */
final class FileWatches {
    private final List<FileWatch> heads = new ArrayList<>();

    /**
     * Adds a watch before those of the same file, so that an iteration in progress does not visit
     * it.
     */
    void add(FileWatch watch) {
        int place = place(watch.number());
        if (place >= 0) {
            watch.next = heads.set(place, watch);
        } else {
            heads.add(~place, watch);
        }
    }

    /** {@return the first watch with a number; the others follow} */
    @Nullable FileWatch find(int number) {
        int place = place(number);
        return place < 0 ? null : heads.get(place);
    }

    /**
     * Removes a watch.
     *
     * @return whether it was the last one with its number
     */
    boolean remove(FileWatch watch) {
        int place = place(watch.number());
        if (place < 0) {
            return false; // the kernel has already removed it
        }
        FileWatch before = heads.get(place);
        if (before == watch) {
            if (watch.next == null) {
                heads.remove(place);
                return true;
            }
            heads.set(place, watch.next);
            return false;
        }
        while (before.next != null && before.next != watch) {
            before = before.next;
        }
        before.next = watch.next;
        return false;
    }

    /** Removes a watch and those that follow it. */
    void removeAll(FileWatch head) {
        heads.remove(place(head.number()));
    }

    /** {@return a new array of all watches} */
    FileWatch[] all() {
        List<FileWatch> all = new ArrayList<>();
        for (FileWatch head : heads) {
            for (FileWatch watch = head; watch != null; watch = watch.next) {
                all.add(watch);
            }
        }
        return all.toArray(new FileWatch[0]);
    }

    void endAll() {
        for (FileWatch watch : all()) {
            watch.end();
        }
        heads.clear();
    }

    /** {@return the index of a number, or the complement of its insertion index} */
    private int place(int number) {
        int low = 0;
        int high = heads.size() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            int found = heads.get(middle).number();
            if (found == number) {
                return middle;
            }
            if (found < number) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return ~low;
    }
}
