package io.uloop.poller.tck.fuzz;

import io.uloop.poller.UEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * Generates a script from a seed. Tracks roughly which descriptors are open, so that most steps
 * make sense. It cannot know the effects of steps in a sink.
 */
final class ScriptGenerator {
    private static final int MAX_OPEN = 150;

    /** A name in use, and its assumed state. */
    private static final class Named {
        final int name;
        final Kind kind;
        boolean open = true;
        boolean registered;

        Named(int name, Kind kind) {
            this.name = name;
            this.kind = kind;
        }
    }

    private final SplittableRandom random;
    private final List<Kind> kinds;
    private final boolean hasDup;
    private final int modes;
    private final List<Named> named = new ArrayList<>();
    private int open;

    private ScriptGenerator(long seed, Set<Kind> kinds, boolean hasDup, int modes) {
        this.random = new SplittableRandom(seed);
        this.kinds = List.copyOf(kinds);
        this.hasDup = hasDup;
        this.modes = modes;
    }

    /**
     * Generates a script.
     *
     * @param seed the seed, which determines the script
     * @param kinds the kinds of files to open
     * @param hasDup whether descriptors can be duplicated
     * @param modes the modes to use often; others are used rarely
     */
    static Script generate(long seed, Set<Kind> kinds, boolean hasDup, int modes) {
        return new ScriptGenerator(seed, kinds, hasDup, modes).script();
    }

    private Script script() {
        List<Step> steps = new ArrayList<>();
        if (chance(25)) {
            steps.add(Step.of(Verb.WATCH, 0));
        }
        boolean crowd = chance(3);
        int opens = crowd ? 20 + random.nextInt(50) : 1 + random.nextInt(4);
        for (int i = 0; i < opens; i++) {
            openAndAdd(steps);
        }
        int length = 5 + random.nextInt(chance(20) ? 120 : 40);
        while (steps.size() < length + opens * 2) {
            steps.add(topLevel());
        }
        steps.add(Step.poll(0, List.of()));
        return new Script(steps);
    }

    private void openAndAdd(List<Step> steps) {
        if (open < MAX_OPEN) {
            int first = named.size();
            steps.add(open());
            for (int i = first; i < named.size(); i++) {
                if (chance(70)) {
                    steps.add(add(named.get(i)));
                }
            }
        }
    }

    private boolean chance(int percent) {
        return random.nextInt(100) < percent;
    }

    private Step topLevel() {
        int dice = random.nextInt(1000);
        if (dice < 270) {
            return poll();
        } else if (dice < 285) {
            return Step.of(Verb.WAKEUP, 0);
        } else if (dice < 289) {
            return Step.of(Verb.SIGNAL, 0);
        } else if (dice < 292) {
            return Step.of(Verb.RENEW, 0);
        } else if (dice < 293) {
            return Step.of(Verb.SHUT, 0);
        } else if (dice < 299) {
            return Step.of(Verb.WATCH, 0);
        }
        return anywhere(any());
    }

    private Step poll() {
        List<Reaction> reactions = new ArrayList<>();
        if (chance(45)) {
            int event = 1;
            for (int left = 1 + random.nextInt(4); left > 0; left--) {
                reactions.add(new Reaction(event, inSink()));
                if (chance(50)) {
                    event += 1 + random.nextInt(3);
                }
            }
        }
        int dice = random.nextInt(100);
        int micros = dice < 80 ? 0 : dice < 85 ? 1 + random.nextInt(500) : ScriptRun.LONG_MICROS;
        return Step.poll(micros, List.copyOf(reactions));
    }

    private Step inSink() {
        int dice = random.nextInt(100);
        if (dice < 8) {
            return Step.of(Verb.THROW, 0);
        } else if (dice < 11) {
            return Step.of(Verb.WAKEUP, 0);
        } else if (dice < 12) {
            return Step.of(Verb.NEST, 0);
        } else if (dice < 13) {
            return Step.of(Verb.INTRUDE, any().name, interest());
        } else if (dice < 14) {
            return Step.of(chance(20) ? Verb.SHUT : Verb.SIGNAL, 0);
        } else if (dice < 50) {
            return onSelf();
        }
        return anywhere(any());
    }

    private Step onSelf() {
        int self = Step.SELF;
        return switch (random.nextInt(8)) {
            case 0, 1 -> Step.of(Verb.REMOVE, self);
            case 2, 3 -> Step.of(Verb.MODIFY, self, interest());
            case 4 -> Step.of(Verb.ADD, self, interest());
            case 5 -> Step.of(Verb.CLOSE, self);
            case 6 -> Step.of(Verb.DRAIN, self);
            default -> Step.of(Verb.READ, self, amount(Kind.PIPE));
        };
    }

    /** Returns a step that is possible both outside and in a sink. */
    private Step anywhere(Named target) {
        int dice = random.nextInt(1000);
        if (dice < 110 && open < MAX_OPEN) {
            return open();
        } else if (dice < 310) {
            return add(chance(70) ? unregistered(target) : target);
        } else if (dice < 440) {
            return modify(target);
        } else if (dice < 500) {
            target.registered = false;
            return Step.of(Verb.REMOVE, target.name);
        } else if (dice < 505) {
            return misused();
        } else if (dice < 595) {
            return close(target);
        } else if (dice < 625 && hasDup && target.open && open < MAX_OPEN) {
            return Step.of(Verb.DUP, target.name, give(target.kind), 0);
        } else if (target.kind == Kind.LISTENER && dice < 900 && open < MAX_OPEN) {
            Verb verb = chance(50) ? Verb.CONNECT : Verb.ACCEPT;
            return Step.of(verb, target.name, give(Kind.TCP), 0);
        } else if (dice < 645) {
            return Step.of(Verb.SHUTDOWN, target.name);
        } else if (dice < 670) {
            return Step.of(Verb.FILL, target.name);
        } else if (dice < 820) {
            return write(target);
        } else if (dice < 910) {
            return Step.of(Verb.READ, target.name, amount(target.kind));
        }
        return Step.of(Verb.DRAIN, target.name);
    }

    private Step open() {
        Kind kind = kinds.get(random.nextInt(kinds.size()));
        int first = give(kind);
        return Step.open(kind, first, kind.descriptors == 2 ? give(kind) : 0);
    }

    private int give(Kind kind) {
        Named fresh = new Named(named.size(), kind);
        named.add(fresh);
        open++;
        return fresh.name;
    }

    private Step close(Named target) {
        if (target.open) {
            target.open = false;
            open--;
        }
        boolean reset = target.kind == Kind.TCP && chance(30);
        return Step.of(reset ? Verb.RESET : Verb.CLOSE, target.name);
    }

    private Step add(Named target) {
        target.registered = true;
        return Step.of(Verb.ADD, target.name, interest());
    }

    private Step modify(Named target) {
        return Step.of(Verb.MODIFY, target.name, interest());
    }

    /** Returns an interest that every backend must refuse. */
    private Step misused() {
        return switch (random.nextInt(4)) {
            case 0 -> Step.of(Verb.ADD, Step.NONE, interest());
            case 1 -> Step.of(Verb.MODIFY, Step.NONE, interest());
            case 2 -> Step.of(Verb.REMOVE, Step.NONE);
            default -> {
                int bit = chance(50) ? UEvent.HUP : 1 << 20;
                Verb verb = chance(50) ? Verb.ADD : Verb.MODIFY;
                yield Step.of(verb, any().name, interest() | bit);
            }
        };
    }

    /** Returns a name, mostly of an open descriptor, preferring recent ones. */
    private Named any() {
        int size = named.size();
        Named choice = named.get(size - 1);
        for (int i = 0; i < 5; i++) {
            int recent = chance(50) ? Math.min(size, 6) : size;
            choice = named.get(size - 1 - random.nextInt(recent));
            if (choice.open || chance(15)) {
                return choice;
            }
        }
        return choice;
    }

    private Named unregistered(Named otherwise) {
        for (int i = 0; i < 5; i++) {
            Named choice = any();
            if (choice.open && !choice.registered) {
                return choice;
            }
        }
        return otherwise;
    }

    private int interest() {
        int dice = random.nextInt(100);
        int interest =
                dice < 40
                        ? UEvent.IN
                        : dice < 58 ? UEvent.OUT : dice < 90 ? UEvent.IN | UEvent.OUT : UEvent.NONE;
        if (chance(15)) {
            interest |= UEvent.RDHUP;
        }
        if (chance(5)) {
            interest |= UEvent.PRI;
        }
        return interest
                | mode(UEvent.ONESHOT, 25)
                | mode(UEvent.EDGE, 20)
                | mode(UEvent.EXCLUSIVE, 2);
    }

    private int mode(int bit, int percent) {
        return chance((modes & bit) != 0 ? percent : 1) ? bit : 0;
    }

    private Step write(Named target) {
        if (target.kind == Kind.UDP && chance(40)) {
            return Step.of(chance(70) ? Verb.EMPTY : Verb.MISCONNECT, target.name);
        }
        Verb verb = chance(10) ? Verb.GATHER : Verb.WRITE;
        return Step.of(verb, target.name, amount(target.kind));
    }

    private int amount(Kind kind) {
        if (kind.isStream() && chance(5)) {
            return 40_000 + random.nextInt(160_000);
        }
        return 1 + random.nextInt(chance(70) ? 4 : 60);
    }
}
