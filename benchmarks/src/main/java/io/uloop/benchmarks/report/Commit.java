package io.uloop.benchmarks.report;

import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Finds the commit of the checkout that this program was built in. */
final class Commit {
    private Commit() {}

    /** Returns the abbreviated commit, marked if files differ from it, or {@code unknown}. */
    static String current() {
        try {
            Path code =
                    Path.of(
                            Commit.class
                                    .getProtectionDomain()
                                    .getCodeSource()
                                    .getLocation()
                                    .toURI());
            Process git =
                    new ProcessBuilder("git", "describe", "--always", "--dirty", "--abbrev=12")
                            .directory(code.resolveSibling("").toFile())
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .start();
            git.getOutputStream().close();
            try (InputStream output = git.getInputStream()) {
                String commit = new String(output.readAllBytes(), StandardCharsets.UTF_8).trim();
                return commit.isEmpty() ? "unknown" : commit;
            }
        } catch (IOException | URISyntaxException e) {
            return "unknown"; // no git or not a checkout
        }
    }
}
