package io.uloop.benchmarks.echo;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Starts servers and load generators, each in its own process and on its own CPU. */
final class Launcher {
    private static final int FIRST_WITH_VIRTUAL_THREADS = 21;
    private static final int FIRST_WITH_NATIVE_ACCESS = 22;

    private final @Nullable Programs programs;
    private final @Nullable String serverCpu;
    private final @Nullable String loadCpu;
    private final List<String> flags;

    /**
     * @param programs null without a compiler
     * @param serverCpu the number of the CPU to pin servers to, or null
     */
    Launcher(
            @Nullable Programs programs,
            @Nullable String serverCpu,
            @Nullable String loadCpu,
            List<String> jvmFlags) {
        this.programs = programs;
        this.serverCpu = serverCpu;
        this.loadCpu = loadCpu;
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
        if (!scenario.isSegmented()) {
            return null;
        }
        if (programs == null) {
            return "no C compiler (cc) found";
        }
        String complaint = Programs.firstLine(programs.path("load").toString(), "segments");
        return "".equals(complaint) ? null : complaint;
    }

    ChildProcess server(Contender server, Transport transport) throws IOException {
        List<String> command = new ArrayList<>(pin(serverCpu));
        if (server.isProgram()) {
            if (programs == null) {
                throw new IOException(server + " needs a C compiler");
            }
            command.add(
                    programs.path(transport == Transport.TCP ? "tcp_echo" : "udp_echo").toString());
            command.add(server == Contender.C_BATCH ? "batch" : "single");
        } else {
            command.addAll(java(EchoServer.class));
            command.add(server.toString());
            command.add(transport.name());
        }
        return ChildProcess.start("the server " + server, command);
    }

    ChildProcess load(Scenario scenario, int port, int idle) throws IOException {
        List<String> command = new ArrayList<>(pin(loadCpu));
        if (programs != null) {
            command.add(programs.path("load").toString());
        } else {
            command.addAll(java(JavaLoad.class));
        }
        command.add(scenario.transport() == Transport.TCP ? "tcp" : "udp");
        int[] numbers = {port, scenario.connections(), scenario.bytes(), idle, scenario.segments()};
        for (int number : numbers) {
            command.add(Integer.toString(number));
        }
        return ChildProcess.start("the load generator", command);
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
