package io.uloop.live;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;

/**
 * An HTTP response after which the connection is closed.
 *
 * @param status the status line without the version
 * @param headers further header lines
 * @param type the media type
 * @param body the text
 */
record Response(String status, String headers, String type, String body) {
    /** Whatever a browser may do with a response of this server, other pages gain nothing. */
    static final String GUARDS =
            """
            Connection: close\r
            Cache-Control: no-store\r
            X-Content-Type-Options: nosniff\r
            X-Frame-Options: DENY\r
            Referrer-Policy: no-referrer\r
            Cross-Origin-Resource-Policy: same-origin\r
            """;

    static Response ok(String type, String headers, String body) {
        return new Response("200 OK", headers, type, body);
    }

    /** Returns a refusal with its reason as a text. */
    static Response refusal(String status, String reason) {
        return refusal(status, "", reason);
    }

    static Response refusal(String status, String headers, String reason) {
        return new Response(status, headers, "text/plain; charset=utf-8", reason + "\n");
    }

    ByteBuffer bytes() {
        byte[] content = body.getBytes(UTF_8);
        byte[] head =
                ("HTTP/1.1 "
                                + status
                                + "\r\nContent-Type: "
                                + type
                                + "\r\nContent-Length: "
                                + content.length
                                + "\r\n"
                                + GUARDS
                                + headers
                                + "\r\n")
                        .getBytes(ISO_8859_1);
        return ByteBuffer.allocate(head.length + content.length).put(head).put(content).flip();
    }
}
