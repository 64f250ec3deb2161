package io.uloop.benchmarks.echo;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonPrimitive;
import com.google.gson.JsonSerializer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Formats outcomes as JSON: every round and the summaries of the table. */
final class Json {
    private Json() {}

    static String of(Machine machine, List<Outcome> outcomes) {
        Map<String, Object> root = new LinkedHashMap<>();
        root.put("machine", machine);
        List<Object> scenarios = new ArrayList<>();
        for (Outcome outcome : outcomes) {
            scenarios.add(scenario(outcome));
        }
        root.put("scenarios", scenarios);
        JsonSerializer<Contender> name = (server, type, context) -> name(server);
        return new GsonBuilder()
                .registerTypeAdapter(Contender.class, name)
                .setPrettyPrinting()
                .create()
                .toJson(root);
    }

    private static JsonElement name(Contender server) {
        return new JsonPrimitive(server.toString());
    }

    private static Map<String, Object> scenario(Outcome outcome) {
        Map<String, Object> scenario = new LinkedHashMap<>();
        scenario.put("scenario", outcome.scenario());
        scenario.put("base", outcome.base());
        List<Object> servers = new ArrayList<>();
        for (Outcome.Entry entry : outcome.entries()) {
            servers.add(server(entry, outcome.baseRounds()));
        }
        scenario.put("servers", servers);
        return scenario;
    }

    private static Map<String, Object> server(Outcome.Entry entry, List<Round> base) {
        List<Round> rounds = entry.rounds();
        Map<String, Object> server = new LinkedHashMap<>();
        server.put("server", entry.server());
        server.put("cpuNanosPerMessage", Spread.of(rounds, Round::cpuNanosPerMessage));
        server.put("cpuRatio", Spread.ofRatios(rounds, base, Round::cpuNanosPerMessage));
        server.put("messagesPerSecond", Spread.of(rounds, Round::messagesPerSecond));
        server.put("throughputRatio", Spread.ofRatios(rounds, base, Round::messagesPerSecond));
        server.put("p999Ratio", Spread.ofRatios(rounds, base, Round::p999Nanos));
        if (entry.idle() != null) {
            server.put("idle", entry.idle());
        }
        server.put("rounds", rounds);
        return server;
    }
}
