package io.uloop.cli;

import io.uloop.connection.ConnectionOptions;
import io.uloop.connection.TlsOptions;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.UnrecoverableKeyException;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import picocli.CommandLine.Model.OptionSpec;

/** The TLS options of a server. */
final class TlsOption {
    private final OptionSpec store;
    private final OptionSpec password;

    TlsOption(Command command) {
        store =
                command.addText(
                        "KEYSTORE",
                        "Serve TLS with the private key in this PKCS#12 file.",
                        "--tls");
        password = command.addText("PASSWORD", "Password of the key store.", "--tls-password");
    }

    /** {@return whether TLS was requested} */
    boolean isOn() {
        return Command.text(store) != null;
    }

    /** Adds TLS to the connection options if it was requested. */
    ConnectionOptions.Builder applyTo(ConnectionOptions.Builder options, Command command) {
        String name = Command.text(store);
        String secret = Command.text(password);
        if (name == null) {
            if (secret != null) {
                throw command.refuse("--tls-password needs --tls KEYSTORE, the key store it opens");
            }
            return options;
        }
        if (secret == null) {
            throw command.refuse(
                    "--tls needs --tls-password PASSWORD, the password of the key store");
        }
        Path file = Path.of(name);
        try {
            return options.tls(TlsOptions.server(context(file, secret.toCharArray())).build());
        } catch (NoSuchFileException e) {
            throw command.refuse("--tls " + file + ": no such file", e);
        } catch (IOException | GeneralSecurityException e) {
            boolean wrong = e.getCause() instanceof UnrecoverableKeyException;
            throw command.refuse(
                    wrong
                            ? "--tls-password does not open " + file + "; check the password"
                            : "--tls " + file + " is not a PKCS#12 key store: " + e.getMessage(),
                    e);
        }
    }

    private static SSLContext context(Path file, char[] secret)
            throws IOException, GeneralSecurityException {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            keys.load(in, secret);
        }
        KeyManagerFactory managers =
                KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(keys, secret);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        return context;
    }
}
