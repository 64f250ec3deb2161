package io.uloop.connection;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A running openssl(1) process. Its output is collected in the background. */
final class OpenSsl implements AutoCloseable {
    private static final @Nullable String UNAVAILABILITY = findUnavailability();

    private final Process process;

    @SuppressWarnings("JdkObsolete") // written by one thread and read by another
    private final StringBuffer output = new StringBuffer();

    private final Thread reader;

    OpenSsl(String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add("openssl");
        command.addAll(List.of(arguments));
        process = new ProcessBuilder(command).redirectErrorStream(true).start();
        reader = new Thread(this::gather, "output of openssl");
        reader.setDaemon(true);
        reader.start();
    }

    /** Returns why openssl cannot run here; null if it can. */
    static @Nullable String unavailability() {
        return UNAVAILABILITY;
    }

    private static @Nullable String findUnavailability() {
        try {
            Process version =
                    new ProcessBuilder("openssl", "version").redirectErrorStream(true).start();
            String said =
                    new String(
                            version.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
            boolean ended = version.waitFor(60, TimeUnit.SECONDS);
            return ended && version.exitValue() == 0 && said.matches("(?s)OpenSSL [13].*")
                    ? null
                    : "no OpenSSL: " + said;
        } catch (IOException e) {
            return "there is no openssl to test against: " + e.getMessage();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private void gather() {
        try (InputStream in = process.getInputStream()) {
            byte[] buffer = new byte[4096];
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                output.append(new String(buffer, 0, count, StandardCharsets.ISO_8859_1));
            }
        } catch (IOException e) {
            output.append(e); // closed with the process
        }
    }

    /** Returns the output so far. */
    String output() {
        return output.toString();
    }

    /** Writes text to its standard input. */
    void type(String text) throws IOException {
        OutputStream in = process.getOutputStream();
        in.write(text.getBytes(StandardCharsets.ISO_8859_1));
        in.flush();
    }

    /** Returns whether it has exited and its output is complete. */
    boolean isOver() {
        return !process.isAlive() && !reader.isAlive();
    }

    void kill() {
        process.destroyForcibly();
    }

    @Override
    public void close() throws IOException {
        try {
            process.destroyForcibly().waitFor();
            reader.join();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        process.getOutputStream().close();
    }
}
