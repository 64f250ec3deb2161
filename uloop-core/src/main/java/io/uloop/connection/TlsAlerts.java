package io.uloop.connection;

import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;

/**
 * Explains alerts in plain text. OpenSSL sends such an alert when it rejects the certificate of a
 * TLS 1.3 server, but the JDK expects encrypted records by then and reports their length instead.
 */
final class TlsAlerts {
    private TlsAlerts() {}

    /**
     * Returns the failure of a record, or one that names the alert in the record if the failure
     * does not.
     *
     * @param alert the number of the alert, or -1
     */
    static SSLException explained(SSLException failure, int alert) {
        if (alert < 0 || String.valueOf(failure.getMessage()).contains("alert")) {
            return failure;
        }
        SSLException refusal =
                new SSLHandshakeException(
                        "the peer ended the handshake by TLS alert " + alert + meaning(alert));
        refusal.initCause(failure);
        return refusal;
    }

    private static String meaning(int alert) {
        return switch (alert) {
            case 42 -> " (bad_certificate): it rejects this certificate";
            case 45 -> " (certificate_expired): renew this certificate";
            case 46 -> " (certificate_unknown): it rejects this certificate";
            case 48 -> " (unknown_ca): it must trust this certificate or its issuer";
            default -> ""; // RFC 8446, 6.2, has the rest
        };
    }
}
