package io.uloop.source;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The watches of a watcher by the kernel's numbers, which are given out in rising order and not
 * again before the last is: so a sorted list finds one without boxing its number. Those of one file
 * have one number and are chained.
 */
final class FileWatches {
    private final List<FileWatch> heads = new ArrayList<>();

    /** Puts one before those of the same file, so that who walks along these does not meet it. */
    void add(FileWatch watch) {
        int place = place(watch.number());
        if (place >= 0) {
            watch.next = heads.set(place, watch);
        } else {
            heads.add(~place, watch);
        }
    }

    /** The first of a number's watches, the others follow. */
    @Nullable FileWatch find(int number) {
        int place = place(number);
        return place < 0 ? null : heads.get(place);
    }

    /**
     * Takes one out.
     *
     * @return whether it was the last of its number
     */
    boolean remove(FileWatch watch) {
        int place = place(watch.number());
        if (place < 0) {
            return false; // the kernel has ended it
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

    /** Takes out one and those that follow it. */
    void removeAll(FileWatch head) {
        heads.remove(place(head.number()));
    }

    /** All of them, in an array of their own. */
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

    /** Where a number is; if it is not there, the complement of where it belongs. */
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
