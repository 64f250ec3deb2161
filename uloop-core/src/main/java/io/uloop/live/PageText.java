package io.uloop.live;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Objects;

/**
 * The HTML of the page and the policy that lets a browser run exactly its script.
 *
 * @param html the text
 * @param policy the header Content-Security-Policy
 */
record PageText(String html, String policy) {
    private static final String FILE = "page.html";

    static PageText load() throws IOException {
        try (InputStream in =
                Objects.requireNonNull(PageText.class.getResourceAsStream(FILE), FILE)) {
            String html = new String(in.readAllBytes(), UTF_8);
            return new PageText(
                    html,
                    "Content-Security-Policy: default-src 'none'; connect-src 'self';"
                            + " img-src data:; base-uri 'none'; form-action 'none';"
                            + " frame-ancestors 'none'; script-src '"
                            + hash(html, "script")
                            + "'; style-src '"
                            + hash(html, "style")
                            + "'\r\n");
        }
    }

    /** Returns the source expression of an element's text. */
    private static String hash(String html, String element) {
        int start = html.indexOf('<' + element + '>') + element.length() + 2;
        String text = html.substring(start, html.indexOf("</" + element + '>', start));
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            return "sha256-"
                    + Base64.getEncoder().encodeToString(digest.digest(text.getBytes(UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
