package io.uloop.connection;

import io.uloop.poller.tck.KeyStores;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.util.Base64;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** A key with a self-signed certificate for localhost and one.example, one per JVM. */
public final class TlsIdentity {
    private static final String PASSWORD = "changeit";
    private static final String ALIAS = "server";
    private static final TlsIdentity INSTANCE = create();

    /** A context with the key that trusts the certificate. */
    public final SSLContext context;

    /** A context without a key that trusts the certificate. */
    public final SSLContext keyless;

    /** A context without a key that trusts the JDK's certificates. */
    public final SSLContext stranger;

    /** Files for openssl: the certificate, and the certificate with its key. */
    public final Path certificate;

    public final Path key;

    private TlsIdentity(Path directory)
            throws IOException, GeneralSecurityException, InterruptedException {
        Path store = KeyStores.create(directory.resolve("store.p12"), PASSWORD);
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, PASSWORD.toCharArray());
        }
        KeyManagerFactory own = KeyManagerFactory.getInstance("PKIX");
        own.init(keys, PASSWORD.toCharArray());
        KeyStore trust = KeyStore.getInstance("PKCS12");
        trust.load(null, null);
        trust.setCertificateEntry(ALIAS, keys.getCertificate(ALIAS));
        TrustManagerFactory trusted = TrustManagerFactory.getInstance("PKIX");
        trusted.init(trust);
        context = SSLContext.getInstance("TLS");
        context.init(own.getKeyManagers(), trusted.getTrustManagers(), new SecureRandom());
        keyless = SSLContext.getInstance("TLS");
        keyless.init(null, trusted.getTrustManagers(), new SecureRandom());
        stranger = SSLContext.getInstance("TLS");
        stranger.init(null, null, new SecureRandom());
        certificate = directory.resolve("certificate.pem");
        Files.writeString(certificate, pem("CERTIFICATE", keys.getCertificate(ALIAS).getEncoded()));
        key = directory.resolve("key.pem");
        byte[] privateKey = keys.getKey(ALIAS, PASSWORD.toCharArray()).getEncoded();
        Files.writeString(key, pem("PRIVATE KEY", privateKey));
    }

    /** {@return the identity of this JVM} */
    public static TlsIdentity get() {
        return INSTANCE;
    }

    private static TlsIdentity create() {
        try {
            Path directory = Files.createTempDirectory("uloop-tls");
            directory.toFile().deleteOnExit(); // deleted after its files
            TlsIdentity identity = new TlsIdentity(directory);
            Files.delete(directory.resolve("store.p12"));
            identity.certificate.toFile().deleteOnExit();
            identity.key.toFile().deleteOnExit();
            return identity;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static String pem(String type, byte[] bytes) {
        String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes);
        return "-----BEGIN " + type + "-----\n" + body + "\n-----END " + type + "-----\n";
    }
}
