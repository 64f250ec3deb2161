package io.uloop.benchmarks.echo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Starts servers and load generators, each in its own process and on its own CPU. */
final class Launcher {
    private static final int FIRST_WITH_VIRTUAL_THREADS = 21;
    private static final int FIRST_WITH_NATIVE_ACCESS = 22;

    private final @Nullable Programs programs;
    private final Cpus cpus;
    private final List<String> flags;
    private @Nullable Path key;

    /**
     * @param programs null without a compiler
     */
    Launcher(@Nullable Programs programs, Cpus cpus, List<String> jvmFlags) {
        this.programs = programs;
        this.cpus = cpus;
        List<String> all = new ArrayList<>();
        // The CPU time of a thread that ends is lost, so compiler threads must not come and go.
        all.addAll(
                List.of("-Xmx512m", "-XX:+UseSerialGC", "-XX:-UseDynamicNumberOfCompilerThreads"));
        if (Runtime.version().feature() >= FIRST_WITH_VIRTUAL_THREADS) {
            all.add("--add-opens=java.base/java.lang=ALL-UNNAMED"); // for fibers-loop
        }
        if (Runtime.version().feature() >= FIRST_WITH_NATIVE_ACCESS) {
            all.add("--enable-native-access=ALL-UNNAMED");
        }
        all.addAll(jvmFlags);
        flags = List.copyOf(all);
    }

    List<String> flags() {
        return flags;
    }

    /** Returns why the server cannot run here, or null if it can. */
    @Nullable String unavailability(Contender server) {
        return server.isProgram() && programs == null
                ? "no C compiler (cc) found"
                : server.unavailability();
    }

    /** Returns why the load cannot be generated here, or null if it can. */
    @Nullable String unavailability(Scenario scenario) throws IOException {
        boolean java = scenario.traffic() == Traffic.MESSAGES && scenario.rate() == 0;
        if (programs == null) {
            return java && !scenario.isSegmented() ? null : "no C compiler (cc) found";
        }
        if (!scenario.isSegmented()) {
            return null;
        }
        String complaint = Programs.firstLine(programs.path("load"), "segments");
        return "".equals(complaint) ? null : complaint;
    }

    ChildProcess server(Contender server, Transport transport) throws IOException {
        List<String> command = new ArrayList<>(pin(cpus.server()));
        if (server.isProgram()) {
            if (programs == null) {
                throw new IOException(server + " needs a C compiler");
            }
            command.add(programs.path(transport.program()));
            command.add(server == Contender.C_BATCH ? "batch" : "single");
        } else {
            command.addAll(java(EchoServer.class));
            command.add(server.toString());
            command.add(transport.name());
            if (transport == Transport.TLS) {
                command.add(key().toString());
            }
        }
        return ChildProcess.start("the server " + server, command);
    }

    ChildProcess load(Scenario scenario, int port, int idle) throws IOException {
        List<String> command = new ArrayList<>(pin(cpus.load()));
        boolean messages = scenario.traffic() == Traffic.MESSAGES;
        if (scenario.transport() == Transport.TLS) {
            command.addAll(java(TlsLoad.class));
            command.add(key().toString());
        } else {
            if (programs != null) {
                command.add(programs.path(scenario.traffic().program));
            } else {
                command.addAll(java(JavaLoad.class));
            }
            if (messages) {
                command.add(scenario.transport() == Transport.TCP ? "tcp" : "udp");
            }
        }
        command.add(Integer.toString(port));
        command.add(Integer.toString(scenario.connections()));
        command.add(Integer.toString(scenario.bytes()));
        if (messages) {
            command.add(Integer.toString(idle));
            command.add(Integer.toString(scenario.segments()));
        }
        return ChildProcess.start("the load generator", command);
    }

    /** Returns the file with the TLS key of this run, which ends with this process. */
    private Path key() throws IOException {
        Path known = key;
        if (known == null) {
            Path folder = Files.createTempDirectory("uloop-bench-tls");
            known = folder.resolve("key.p12");
            TlsKey.create(known);
            folder.toFile().deleteOnExit();
            known.toFile().deleteOnExit(); // before its folder
            key = known;
        }
        return known;
    }

    private static List<String> pin(@Nullable String cpu) {
        return cpu == null ? List.of() : List.of("taskset", "-c", cpu);
    }

    private List<String> java(Class<?> main) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(flags);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        return command;
    }
}
