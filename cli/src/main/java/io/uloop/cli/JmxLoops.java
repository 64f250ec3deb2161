package io.uloop.cli;

import com.sun.tools.attach.AttachNotSupportedException;
import com.sun.tools.attach.VirtualMachine;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.management.Attribute;
import javax.management.InstanceNotFoundException;
import javax.management.JMException;
import javax.management.MBeanServerConnection;
import javax.management.MalformedObjectNameException;
import javax.management.ObjectName;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;
import org.jspecify.annotations.Nullable;

/**
 * The loops of another JVM on this machine, read by JMX. Needs the modules jdk.attach and
 * java.management.rmi.
 *
 * <p>Not thread-safe.
 */
final class JmxLoops implements AutoCloseable {
    private static final ObjectName LOOPS = name("io.uloop:type=Uloop,*");
    private static final ObjectName COMMANDS = name("com.sun.management:type=DiagnosticCommand");
    private static final String[] ATTRIBUTES = {
        "Turns",
        "Events",
        "BusyNanos",
        "IdleNanos",
        "TurnNanosP99",
        "Descriptors",
        "Connections",
        "Timers",
        "Tasks",
        "SlowCallbacks"
    };

    private static final List<String> COUNTERS =
            List.of("Turns", "Events", "BusyNanos", "IdleNanos");

    private final long pid;
    private final Closeable connector;
    private final MBeanServerConnection server;
    private final Map<ObjectName, Sample> earlier = new HashMap<>();

    private record Sample(long nanos, Map<String, Long> values) {
        long get(String attribute) {
            return values.getOrDefault(attribute, 0L);
        }

        /** Returns whether an earlier sample is of the same loop, not of one with its name. */
        boolean follows(Sample earlier) {
            return COUNTERS.stream().allMatch(each -> get(each) >= earlier.get(each));
        }
    }

    /**
     * @param connector closed with this
     */
    JmxLoops(long pid, MBeanServerConnection server, Closeable connector) {
        this.pid = pid;
        this.server = server;
        this.connector = connector;
    }

    /**
     * Connects to a JVM and starts JMX in it, for this machine only.
     *
     * @throws IOException if that is impossible; the message says why and what to do
     */
    @SuppressWarnings("BanJNDI") // the address of a process of the same user, which it has chosen
    static JmxLoops connect(long pid) throws IOException {
        if (hasEnded(pid)) {
            throw new IOException("there is no process " + pid);
        }
        if (pid == ProcessHandle.current().pid()) {
            throw new IOException("process " + pid + " is this command itself");
        }
        requireJvm(pid);
        JMXServiceURL address = new JMXServiceURL(startManagement(pid));
        JmxLoops loops;
        try {
            JMXConnector connector = JMXConnectorFactory.connect(address);
            loops = new JmxLoops(pid, connector.getMBeanServerConnection(), connector);
        } catch (IOException e) {
            throw lost(pid, e);
        }
        try {
            loops.requireLoop();
            return loops;
        } catch (IOException | RuntimeException e) {
            loops.close();
            throw e;
        }
    }

    private static boolean hasEnded(long pid) {
        return ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isEmpty();
    }

    /** Explains the loss of the connection. A process seems alive until its parent reaps it. */
    private static IOException lost(long pid, IOException failure) {
        if (hasEnded(pid)) {
            return new IOException("process " + pid + " has ended", failure);
        }
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        String reason = root.getMessage() == null ? root.toString() : root.getMessage();
        return new IOException(
                "process " + pid + " does not answer and may have ended: " + reason, failure);
    }

    /** Rejects other programs, because attaching sends them a signal that could end them. */
    private static void requireJvm(long pid) throws IOException {
        String id = Long.toString(pid);
        if (VirtualMachine.list().stream().anyMatch(each -> each.id().equals(id))) {
            return;
        }
        Path maps = Path.of("/proc", id, "maps"); // a JVM may run with -XX:-UsePerfData
        try (Stream<String> lines = Files.lines(maps)) {
            if (lines.anyMatch(line -> line.endsWith("/libjvm.so"))) {
                return;
            }
        } catch (AccessDeniedException e) {
            throw new IOException(
                    "no permission to look into process "
                            + pid
                            + "; run this command as "
                            + ProcessHandle.of(pid)
                                    .flatMap(each -> each.info().user())
                                    .orElse("its user"),
                    e);
        } catch (IOException | java.io.UncheckedIOException e) {
            // Not Linux, or ended meanwhile.
        }
        throw new IOException("process " + pid + " is not a JVM of this machine");
    }

    private static String startManagement(long pid) throws IOException {
        VirtualMachine machine;
        try {
            machine = VirtualMachine.attach(Long.toString(pid));
        } catch (AttachNotSupportedException | IOException e) {
            if (hasEnded(pid)) {
                throw new IOException("process " + pid + " has ended", e);
            }
            throw new IOException(
                    "cannot attach to process "
                            + pid
                            + ": "
                            + e.getMessage()
                            + " (it must run as the same user and without"
                            + " -XX:+DisableAttachMechanism)",
                    e);
        }
        try {
            return machine.startLocalManagementAgent();
        } catch (IOException e) {
            if (hasEnded(pid)) {
                throw new IOException("process " + pid + " has ended", e);
            }
            throw new IOException(
                    "cannot start JMX in process "
                            + pid
                            + ": "
                            + e.getMessage()
                            + " (its Java needs the module jdk.management.agent)",
                    e);
        } finally {
            machine.detach();
        }
    }

    private void requireLoop() throws IOException {
        boolean usesUloop;
        try {
            if (!server.queryNames(LOOPS, null).isEmpty()) {
                return;
            }
            usesUloop = usesUloop();
        } catch (IOException e) {
            throw lost(pid, e);
        }
        throw new IOException(
                usesUloop
                        ? "process "
                                + pid
                                + " has no loop in JMX; open its loops with"
                                + " Uloop.builder().jmx(true), or start a server of uloop with"
                                + " --jmx"
                        : "process " + pid + " has no loop of Uloop");
    }

    /** Returns whether the class of loops is loaded; true if that cannot be known. */
    private boolean usesUloop() throws IOException {
        String loop = "io.uloop.Uloop";
        try {
            Object found =
                    server.invoke(
                            COMMANDS,
                            "vmClassHierarchy",
                            new Object[] {new String[] {loop}},
                            new String[] {String[].class.getName()});
            return String.valueOf(found).contains(loop + "/");
        } catch (JMException | RuntimeException e) {
            return true;
        }
    }

    /**
     * Reads all loops, sorted by name. Rates cover the time since the previous call and are 0 for a
     * loop that is new.
     */
    List<LoopRow> read() throws IOException {
        List<LoopRow> rows = new ArrayList<>();
        try {
            Set<ObjectName> names = new TreeSet<>(server.queryNames(LOOPS, null));
            earlier.keySet().retainAll(names); // those of closed loops are not needed again
            for (ObjectName name : names) {
                Sample now = sample(name);
                if (now != null) {
                    Sample before = earlier.put(name, now);
                    rows.add(row(name, before != null && now.follows(before) ? before : now, now));
                }
            }
        } catch (IOException e) {
            throw lost(pid, e);
        } catch (JMException e) {
            throw new IOException("cannot read the loops of process " + pid + ": " + e, e);
        }
        return rows;
    }

    /** Returns the attributes of a loop; null if it has been closed meanwhile. */
    private @Nullable Sample sample(ObjectName name) throws IOException, JMException {
        try {
            Map<String, Long> values = new HashMap<>();
            for (Attribute each : server.getAttributes(name, ATTRIBUTES).asList()) {
                if (each.getValue() instanceof Number number) {
                    values.put(each.getName(), number.longValue());
                }
            }
            return new Sample(System.nanoTime(), values);
        } catch (InstanceNotFoundException e) {
            return null;
        }
    }

    private static LoopRow row(ObjectName name, Sample before, Sample now) {
        double seconds =
                Math.max(1, now.nanos() - before.nanos()) / (double) TimeUnit.SECONDS.toNanos(1);
        double busy = now.get("BusyNanos") - before.get("BusyNanos");
        double idle = now.get("IdleNanos") - before.get("IdleNanos");
        return new LoopRow(
                shown(name),
                (now.get("Turns") - before.get("Turns")) / seconds,
                (now.get("Events") - before.get("Events")) / seconds,
                busy + idle == 0 ? 0 : busy / (busy + idle),
                now.get("TurnNanosP99"),
                now.get("Descriptors"),
                now.get("Connections"),
                now.get("Timers"),
                now.get("Tasks"),
                now.get("SlowCallbacks"));
    }

    static String shown(ObjectName bean) {
        String name = bean.getKeyProperty("name");
        if (name == null) { // registered by other code
            return bean.toString();
        }
        return name.startsWith("\"") ? ObjectName.unquote(name) : name;
    }

    private static ObjectName name(String text) {
        try {
            return new ObjectName(text);
        } catch (MalformedObjectNameException e) {
            throw new IllegalArgumentException(e);
        }
    }

    @Override
    public void close() {
        try {
            connector.close();
        } catch (IOException e) {
            // The process has ended.
        }
    }
}
