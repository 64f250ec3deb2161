package io.uloop.live;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The head of an HTTP request, as strictly as a browser and curl write it.
 *
 * @param path the path without the query
 * @param refusal the answer to a request that is not served, or null
 */
record Request(String path, @Nullable Response refusal) {
    private static final Pattern LINE_END = Pattern.compile("\r\n");
    private static final Pattern TOKEN = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");
    private static final Pattern TARGET = Pattern.compile("/[!-~]*");
    private static final Pattern VERSION = Pattern.compile("HTTP/\\d\\.\\d");
    private static final Set<String> OWN_SITE = Set.of("same-origin", "none");

    /**
     * Parses a head.
     *
     * @param head the lines up to the empty line, each byte as a character
     * @param hosts decides which Host headers are accepted
     */
    static Request parse(String head, HostCheck hosts) {
        String[] lines = LINE_END.split(head, -1);
        String[] start = lines[0].split(" ", -1);
        Map<String, String> headers = headers(List.of(lines).subList(1, lines.length));
        if (start.length != 3
                || headers == null
                || !TOKEN.matcher(start[0]).matches()
                || !VERSION.matcher(start[2]).matches()) {
            return refused("400 Bad Request", "this is not an HTTP request");
        }
        if (!start[2].startsWith("HTTP/1.")) {
            return refused("505 HTTP Version Not Supported", "use HTTP/1.1");
        }
        String host = headers.get("host");
        if (host == null) {
            return refused("400 Bad Request", "a request needs one Host header");
        }
        if (!hosts.accepts(host)) {
            return refused(
                    "421 Misdirected Request",
                    "the Host header is not one of this page; use http://127.0.0.1");
        }
        if (!start[0].equals("GET")) {
            return new Request(
                    "",
                    Response.refusal(
                            "405 Method Not Allowed",
                            "Allow: GET\r\n",
                            "this page is read-only; use GET"));
        }
        if (hasBody(headers) || !TARGET.matcher(start[1]).matches()) {
            return refused("400 Bad Request", "use GET with a path and without a body");
        }
        String path = start[1].replaceFirst("\\?.*", "");
        if (isFromElsewhere(headers, host, path)) {
            return refused("403 Forbidden", "another web page cannot read this one");
        }
        return new Request(path, null);
    }

    private static Request refused(String status, String reason) {
        return new Request("", Response.refusal(status, reason));
    }

    /** Returns the headers by names in lower case; null if they are not correct. */
    private static @Nullable Map<String, String> headers(List<String> lines) {
        Map<String, String> headers = new HashMap<>();
        for (String line : lines) {
            int colon = line.indexOf(':');
            if (colon < 1
                    || !TOKEN.matcher(line.substring(0, colon)).matches()
                    || line.chars().anyMatch(c -> c < ' ' && c != '\t')) {
                return null;
            }
            String name = line.substring(0, colon).toLowerCase(Locale.ROOT);
            String earlier = headers.put(name, line.substring(colon + 1).strip());
            if (earlier != null && name.equals("host")) {
                return null; // proxies and servers could disagree about which of them counts
            }
        }
        return headers;
    }

    private static boolean hasBody(Map<String, String> headers) {
        return headers.containsKey("transfer-encoding")
                || !headers.getOrDefault("content-length", "0").equals("0");
    }

    /** Returns whether a browser says that the request comes from a page of another site. */
    private static boolean isFromElsewhere(Map<String, String> headers, String host, String path) {
        String origin = headers.get("origin");
        String site = headers.get("sec-fetch-site");
        return (origin != null && !origin.equals("http://" + host))
                || (site != null && !path.equals("/") && !OWN_SITE.contains(site));
    }
}
