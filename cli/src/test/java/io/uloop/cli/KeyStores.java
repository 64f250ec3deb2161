package io.uloop.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;

/** Creates key stores with keytool(1). */
final class KeyStores {
    private KeyStores() {}

    /** Creates a PKCS#12 file with a key and a self-signed certificate for localhost. */
    static Path create(Path file, String password) throws IOException, InterruptedException {
        Processes.Result made =
                Processes.run(
                        new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "keytool")
                                        .toString(),
                                "-J-XX:TieredStopAtLevel=1",
                                "-genkeypair",
                                "-alias",
                                "echo",
                                "-keyalg",
                                "EC",
                                "-groupname",
                                "secp256r1",
                                "-dname",
                                "CN=localhost",
                                "-validity",
                                "36500",
                                "-storetype",
                                "PKCS12",
                                "-keystore",
                                file.toString(),
                                "-storepass",
                                password));
        assertThat(made.status()).as(made.output()).isZero();
        return file;
    }
}
