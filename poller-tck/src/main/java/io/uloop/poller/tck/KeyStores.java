package io.uloop.poller.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * Creates key stores for TLS with keytool(1), which is part of each JDK. Thread-safe.
 *
 * @since 0.1
 */
public final class KeyStores {
    private KeyStores() {}

    /**
     * Creates a PKCS#12 file with a key and a self-signed certificate for localhost, 127.0.0.1 and
     * one.example.
     *
     * @param file the file, which must not exist
     * @param password of the file and of the key, 6 characters or more
     * @return the file
     * @throws IOException if keytool cannot be started
     * @throws InterruptedException if this thread is interrupted
     */
    public static Path create(Path file, String password) throws IOException, InterruptedException {
        List<String> command =
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                        "-J-XX:TieredStopAtLevel=1",
                        "-genkeypair",
                        "-alias",
                        "server",
                        "-keyalg",
                        "EC",
                        "-groupname",
                        "secp256r1",
                        "-dname",
                        "CN=localhost",
                        "-ext",
                        "san=dns:localhost,dns:one.example,ip:127.0.0.1",
                        "-validity",
                        "36500",
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        file.toString(),
                        "-storepass",
                        password);
        Process keytool = new ProcessBuilder(command).redirectErrorStream(true).start();
        keytool.getOutputStream().close();
        byte[] output = keytool.getInputStream().readAllBytes();
        assertEquals(0, keytool.waitFor(), () -> new String(output, StandardCharsets.UTF_8));
        return file;
    }
}
