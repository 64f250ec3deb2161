package io.uloop.benchmarks.question;

import io.uloop.benchmarks.report.Effort;
import io.uloop.benchmarks.report.JmhStudy;
import io.uloop.benchmarks.report.Question;
import io.uloop.benchmarks.report.Study;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/**
 * The studies that JMH performs. A full effort measures all values of the annotations. The others
 * leave out contenders and values, so that all studies together take a few minutes.
 */
public final class Questions {
    private static final String[] BACKENDS = {
        "epoll", "kqueue", "poll", "select", "c", "jdk-consumer", "netty-epoll"
    };

    private static final String[] FEW = {"epoll", "kqueue", "poll", "c", "jdk-consumer"};

    private Questions() {}

    /** {@return all studies, in the order of a report} */
    public static List<Study> studies() {
        return List.of(
                poll(),
                idle(),
                pair(),
                flip(),
                register(),
                oneshot(),
                accept(),
                dispatch(),
                wakeup(),
                execute(),
                timers());
    }

    private static JmhStudy poll() {
        Question question =
                Question.lines(
                        "poll",
                        "Poll",
                        "What does an event cost, by the number of events that one poll reports?",
                        "ns per event",
                        "ready",
                        "ready sockets");
        return of("Cost of an event, by ready sockets", PollBenchmark.class, "poll", question)
                .at(Effort.QUICK, JmhStudy.CONTENDER, bothBindings(FEW))
                .at(Effort.QUICK, "ready", "1", "1000")
                .at(Effort.NORMAL, JmhStudy.CONTENDER, bothBindings(BACKENDS))
                .at(Effort.NORMAL, "ready", "1", "1000")
                .build();
    }

    private static JmhStudy idle() {
        Question question =
                Question.lines(
                        "idle",
                        "One among many",
                        "What does a poll cost if one socket among many idle ones is ready?",
                        "ns per poll",
                        "registered",
                        "registered sockets");
        return of("Cost of a poll, by idle sockets", IdleBenchmark.class, "poll", question)
                .at(Effort.QUICK, JmhStudy.CONTENDER, FEW)
                .at(Effort.QUICK, "registered", "10", "18000")
                .at(Effort.NORMAL, JmhStudy.CONTENDER, FEW)
                .at(Effort.NORMAL, "registered", "10", "1000", "18000")
                .setUp(Duration.ofMillis(300))
                .build();
    }

    private static JmhStudy pair() {
        Question question =
                Question.bars(
                        "pair",
                        "A message over a pair of sockets",
                        "What do a write, a poll and a read cost over a unix socket pair?",
                        "ns per message");
        return of("Write, poll and read of a message", PairBenchmark.class, "pair", question)
                .at(Effort.QUICK, JmhStudy.CONTENDER, bothBindings(FEW))
                .at(Effort.QUICK, "size", "64")
                .at(Effort.NORMAL, JmhStudy.CONTENDER, bothBindings(BACKENDS))
                .at(Effort.NORMAL, "size", "64")
                .build();
    }

    private static JmhStudy flip() {
        Question question =
                Question.bars(
                        "flip",
                        "IN and OUT by turns",
                        "What does an echo of 64 B cost if the interest changes to OUT and back?",
                        "ns per message");
        return of("Echo with a changing interest", FlipBenchmark.class, "flip", question)
                .at(Effort.QUICK, JmhStudy.CONTENDER, FEW)
                .at(Effort.NORMAL, JmhStudy.CONTENDER, FEW)
                .build();
    }

    private static JmhStudy register() {
        Question question =
                Question.bars(
                        "register",
                        "Add, modify, remove",
                        "What do these three calls cost together, for one socket of 100?",
                        "ns per socket");
        return of("Add, modify and remove", RegisterBenchmark.class, "register", question)
                .at(Effort.QUICK, JmhStudy.CONTENDER, FEW)
                .at(Effort.NORMAL, JmhStudy.CONTENDER, FEW)
                .build();
    }

    private static JmhStudy oneshot() {
        Question question =
                Question.bars(
                        "oneshot",
                        "ONESHOT",
                        "What does an event cost if its registration is rearmed each time?",
                        "ns per event");
        return of("Event and rearming", OneshotBenchmark.class, "oneshot", question)
                .at(Effort.QUICK, JmhStudy.CONTENDER, "epoll", "kqueue", "poll", "c")
                .at(Effort.NORMAL, JmhStudy.CONTENDER, "epoll", "kqueue", "poll", "c")
                .build();
    }

    private static JmhStudy accept() {
        Question question =
                Question.bars(
                        "accept",
                        "Accept and close",
                        "What does a connection cost, from connect to the close of both ends?",
                        "ns per connection");
        return of("Connect, accept, close", AcceptBenchmark.class, "accept", question)
                .at(Effort.QUICK, JmhStudy.CONTENDER, "epoll", "kqueue", "c", "jdk-consumer")
                .at(Effort.NORMAL, JmhStudy.CONTENDER, "epoll", "kqueue", "c", "jdk-consumer")
                .build();
    }

    private static JmhStudy dispatch() {
        Question question =
                Question.bars(
                        "dispatch",
                        "From the loop to the handler",
                        "What does an event cost without the kernel?",
                        "ns per event");
        return of("Dispatch without the kernel", DispatchBenchmark.class, "dispatch", question)
                .at(Effort.QUICK, JmhStudy.CONTENDER, "uloop", "netty")
                .at(Effort.QUICK, "ready", "1")
                .at(Effort.NORMAL, JmhStudy.CONTENDER, "uloop", "netty")
                .at(Effort.NORMAL, "ready", "1")
                .build();
    }

    private static JmhStudy wakeup() {
        Question question =
                Question.bars(
                        "wakeup",
                        "From wakeup to run",
                        "How long does a waiting loop take to run a task of another thread?",
                        "ns per wakeup");
        return of("From a wakeup to its task", WakeupBenchmark.class, "wakeup", question)
                .at(Effort.QUICK, JmhStudy.CONTENDER, "epoll", "kqueue", "c", "netty-epoll")
                .at(
                        Effort.NORMAL,
                        JmhStudy.CONTENDER,
                        bothBindings("epoll", "kqueue", "select", "c", "netty-epoll"))
                .build();
    }

    private static JmhStudy execute() {
        Question question =
                Question.bars(
                        "execute",
                        "Tasks from other threads",
                        "What does a task cost that one or two threads pass to a busy loop?",
                        "ns per task");
        return of("Tasks from other threads", ExecuteBenchmark.class, "execute", question)
                .at(Effort.QUICK, JmhStudy.CONTENDER, "epoll", "kqueue", "jdk", "netty-epoll")
                .at(Effort.QUICK, "threads", "1")
                .at(Effort.NORMAL, JmhStudy.CONTENDER, "epoll", "kqueue", "jdk", "netty-epoll")
                .build();
    }

    private static JmhStudy timers() {
        Question question =
                Question.bars(
                        "timers",
                        "Timeouts that never expire",
                        "What do schedule and cancel cost while other timers are pending?",
                        "ns per timer");
        return of("Schedule and cancel", TimersBenchmark.class, "scheduleAndCancel", question)
                .setUp(Duration.ofMillis(300))
                .build();
    }

    /** Adds epoll through each native binding. The one that epoll uses anyway is not measured. */
    private static String[] bothBindings(String... contenders) {
        return Stream.concat(Stream.of(contenders), Stream.of("epoll-foreign", "epoll-jnr"))
                .toArray(String[]::new);
    }

    private static JmhStudy.Builder of(
            String summary, Class<? extends Measured> type, String method, Question question) {
        return JmhStudy.of(question.id(), summary, type)
                .measure(method, question)
                .unavailability(Contenders::unavailability);
    }
}
