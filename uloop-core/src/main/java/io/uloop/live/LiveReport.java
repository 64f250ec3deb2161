package io.uloop.live;

import io.uloop.LoopMetrics;
import io.uloop.Uloop;
import io.uloop.internal.LoopAccess;
import io.uloop.observe.LoopObserver;
import io.uloop.observe.SlowCall;
import io.uloop.observe.WatchedDescriptor;
import io.uloop.observe.WatchedDescriptors;
import io.uloop.poller.UEvent;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes the state of loops as JSON: the contents of the page.
 *
 * <p>Not thread-safe: call from the thread of the page's own loop.
 */
final class LiveReport {
    /** The most descriptors that are listed for each loop, and for all of them. */
    static final int LISTED = 100;

    static final int ROWS = 2000;

    /** The most descriptors that are counted by their handlers, which bounds the time for that. */
    private static final int COUNTED = 100_000;

    private static final int HANDLERS = 20;

    private final ShownLoops loops;
    private final LoopSamples samples;

    LiveReport(ShownLoops loops, LoopSamples samples) {
        this.loops = loops;
        this.samples = samples;
    }

    /** {@return the report in one line} */
    String json() {
        Json json = new Json();
        json.begin('{').name("time").number(System.currentTimeMillis());
        json.name("pid").number(ProcessHandle.current().pid());
        json.name("java").string(System.getProperty("java.version"));
        json.name("loops").begin('[');
        List<Uloop> shown = loops.list();
        int rows = Math.max(1, ROWS / Math.max(1, shown.size()));
        for (Uloop loop : shown) {
            LoopSamples.Sample sample = samples.latest(loop);
            if (sample != null) {
                write(json, loop, sample, rows);
            }
        }
        return json.end(']').end('}').toString();
    }

    private static void write(Json json, Uloop loop, LoopSamples.Sample sample, int rows) {
        LoopObserver observer = LoopAccess.of(loop).observer();
        Thread runner = observer.view().runner();
        json.begin('{').name("name").string(observer.view().name());
        json.name("backend").string(loop.provider().name());
        json.name("state").string(!loop.isOpen() ? "closed" : runner == null ? "idle" : "running");
        json.name("thread").string(runner == null ? null : runner.getName());
        writeRecent(json, sample);
        writeTotal(json, loop.metrics());
        json.name("slowThresholdNanos").number(observer.slowThresholdNanos());
        writeSlow(json, observer, rows);
        if (loop.isOpen()) { // the table of a closed loop is out of date
            int listed = Math.min(LISTED, rows);
            writeDescriptors(json, observer.descriptors(listed, COUNTED), rows);
        }
        json.end('}');
    }

    private static void writeRecent(Json json, LoopSamples.Sample sample) {
        LoopMetrics recent = sample.recent();
        number(
                json.name("turnsPerSecond"),
                recent == null ? null : sample.perSecond(recent.turns()));
        number(
                json.name("eventsPerSecond"),
                recent == null ? null : sample.perSecond(recent.events()));
        number(json.name("load"), recent == null ? null : recent.load());
        if (recent != null && recent.turnTimes().count() > 0) {
            json.name("turnP50Nanos").number(recent.turnTimes().percentileNanos(50));
            json.name("turnP99Nanos").number(recent.turnTimes().percentileNanos(99));
            json.name("turnMaxNanos").number(recent.turnTimes().percentileNanos(100));
        }
    }

    private static void number(Json json, @Nullable Double value) {
        if (value == null) {
            json.nothing();
        } else {
            json.number(value);
        }
    }

    private static void writeTotal(Json json, LoopMetrics total) {
        json.name("turns").number(total.turns());
        json.name("events").number(total.events());
        json.name("timerCalls").number(total.timerCalls());
        json.name("taskCalls").number(total.taskCalls());
        json.name("wakeups").number(total.wakeups());
        json.name("errors").number(total.errors());
        json.name("connections").number(total.connections());
        json.name("descriptors").number(total.descriptors());
        json.name("timers").number(total.timers());
        json.name("tasks").number(total.tasks());
        json.name("bufferedBytes").number(total.bufferedBytes());
        json.name("endedForMemory").number(total.endedForMemory());
        json.name("slowCallbacks").number(total.slowCallbacks());
    }

    private static void writeSlow(Json json, LoopObserver observer, int rows) {
        json.name("slow").begin('[');
        List<SlowCall> calls = observer.slowCalls();
        for (SlowCall call : calls.subList(0, Math.min(rows, calls.size()))) {
            json.begin('{').name("what").string(call.what());
            json.name("startMillis").number(call.startMillis());
            json.name("nanos").number(call.nanos());
            json.name("running").bool(call.running()).end('}');
        }
        json.end(']');
    }

    private static void writeDescriptors(Json json, WatchedDescriptors watched, int rows) {
        json.name("handlers").begin('[');
        watched.byHandler().entrySet().stream()
                .sorted(Comparator.comparing(Map.Entry<Class<?>, Integer>::getValue).reversed())
                .limit(Math.min(HANDLERS, rows))
                .forEach(
                        each -> {
                            json.begin('{').name("handler").string(name(each.getKey()));
                            json.name("count").number(each.getValue()).end('}');
                        });
        json.end(']').name("watched").begin('[');
        for (WatchedDescriptor each : watched.listed()) {
            Class<?> via = each.via();
            json.begin('{').name("fd").number(each.fd());
            json.name("handler").string(name(each.handler()));
            json.name("via").string(via == null ? null : name(via));
            json.name("events")
                    .string(each.interest() == -1 ? null : UEvent.toString(each.interest()));
            number(json.name("age"), each.ageNanos() < 0 ? null : each.ageNanos() / 1e9);
            json.end('}');
        }
        json.end(']');
    }

    /** Returns the name of a class without the numbers of a lambda. */
    private static String name(Class<?> type) {
        String name = type.getName();
        int lambda = name.indexOf("$$Lambda");
        return lambda < 0 ? name : name.substring(0, lambda) + " (lambda)";
    }
}
