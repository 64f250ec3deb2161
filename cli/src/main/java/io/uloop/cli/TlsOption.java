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
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** The TLS options of a server. */
final class TlsOption {
    @Option(
            names = "--tls",
            paramLabel = "KEYSTORE",
            description = "Serve TLS with the private key in this PKCS#12 file.")
    private @Nullable Path store;

    @Option(
            names = "--tls-password",
            paramLabel = "PASSWORD",
            description = "Password of the key store.")
    private @Nullable String password;

    /** {@return whether TLS was requested} */
    boolean isOn() {
        return store != null;
    }

    /** Adds TLS to the connection options if it was requested. */
    ConnectionOptions.Builder applyTo(ConnectionOptions.Builder options, CommandLine command) {
        Path file = store;
        String secret = password;
        if (file == null) {
            if (secret != null) {
                throw new ParameterException(
                        command, "--tls-password needs --tls KEYSTORE, the key store it opens");
            }
            return options;
        }
        if (secret == null) {
            throw new ParameterException(
                    command, "--tls needs --tls-password PASSWORD, the password of the key store");
        }
        try {
            return options.tls(TlsOptions.server(context(file, secret.toCharArray())).build());
        } catch (NoSuchFileException e) {
            throw new ParameterException(command, "--tls " + file + ": no such file", e);
        } catch (IOException | GeneralSecurityException e) {
            boolean wrong = e.getCause() instanceof UnrecoverableKeyException;
            throw new ParameterException(
                    command,
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
