package io.uloop.benchmarks.echo;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** A key with a self-signed certificate for localhost, which clients trust. */
record TlsKey(KeyStore store) {
    private static final String PASSWORD = "password"; // of a key that lives for one run

    /**
     * Creates a key with keytool, as P-256 with ECDSA.
     *
     * @param file the PKCS12 file to write
     * @throws IOException if keytool fails
     */
    static void create(Path file) throws IOException {
        String keytool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        String complaint =
                Programs.firstLine(
                        keytool,
                        "-genkeypair",
                        "-alias",
                        "localhost",
                        "-dname",
                        "CN=localhost",
                        "-ext",
                        "san=dns:localhost,ip:127.0.0.1",
                        "-keyalg",
                        "EC",
                        "-groupname",
                        "secp256r1",
                        "-validity",
                        "2",
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        PASSWORD,
                        "-keystore",
                        file.toString());
        if (!file.toFile().exists()) {
            throw new IOException("cannot create a TLS key with " + keytool + ": " + complaint);
        }
    }

    /** Loads a key created by {@link #create}. */
    static TlsKey load(Path file) throws GeneralSecurityException, IOException {
        return new TlsKey(KeyStore.getInstance(file.toFile(), PASSWORD.toCharArray()));
    }

    KeyManagerFactory keyManagers() throws GeneralSecurityException {
        KeyManagerFactory keys =
                KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, PASSWORD.toCharArray());
        return keys;
    }

    /** Returns a context that uses and trusts the key, with the JDK's TLS. */
    SSLContext context() throws GeneralSecurityException {
        TrustManagerFactory trust =
                TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keyManagers().getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }
}
