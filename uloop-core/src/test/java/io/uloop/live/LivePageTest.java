package io.uloop.live;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.uloop.CapturedLog;
import io.uloop.EachBackend;
import io.uloop.EventHandler;
import io.uloop.LoopThread;
import io.uloop.Uloop;
import io.uloop.group.UloopGroup;
import io.uloop.poller.UEvent;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Tests the live page with real clients. */
class LivePageTest extends EachBackend {
    private static final Duration PERIOD = Duration.ofMillis(20);

    private final List<Socket> sockets = new ArrayList<>();

    private LivePage open(Uloop shown) throws IOException {
        return closing(LivePage.builder().show(shown).period(PERIOD).build());
    }

    private Uloop shown(String name) throws IOException {
        return closing(
                Uloop.builder()
                        .poller(provider)
                        .name(name)
                        .slowHandlerThreshold(Duration.ofMillis(40))
                        .build());
    }

    private Socket connect(LivePage page) throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(4096);
        socket.connect(page.localAddress());
        socket.setSoTimeout((int) DEADLINE.toMillis());
        sockets.add(socket);
        return closing(socket);
    }

    /** Sends a request as it is and returns the whole answer. */
    private String ask(LivePage page, String request) throws IOException {
        Socket socket = connect(page);
        socket.getOutputStream().write(request.getBytes(ISO_8859_1));
        return new String(socket.getInputStream().readAllBytes(), UTF_8);
    }

    private String get(LivePage page, String path, String... headers) throws IOException {
        String lines =
                String.join("", List.of(headers).stream().map(each -> each + "\r\n").toList());
        return ask(page, "GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\n" + lines + "\r\n");
    }

    private static String status(String answer) {
        return answer.lines().findFirst().orElse("").replaceFirst("HTTP/1.1 (\\d+).*", "$1");
    }

    private BufferedReader events(LivePage page) throws IOException {
        Socket socket = connect(page);
        socket.getOutputStream()
                .write("GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(ISO_8859_1));
        return new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8));
    }

    private static String nextEvent(BufferedReader events) throws IOException {
        String line = events.readLine();
        while (line != null && !line.startsWith("data: ")) {
            line = events.readLine();
        }
        return line;
    }

    private static double number(String json, String name) {
        Matcher found = Pattern.compile("\"" + name + "\":([-0-9.E]+)").matcher(json);
        assertThat(found.find()).as(name + " in " + json).isTrue();
        return Double.parseDouble(found.group(1));
    }

    @Test
    void pageMayRunItsOwnScriptOnly() throws Exception {
        String answer = get(open(loop), "/");
        assertThat(status(answer)).isEqualTo("200");
        String policy =
                answer.lines()
                        .filter(each -> each.startsWith("Content-Sec"))
                        .findFirst()
                        .orElseThrow();
        assertThat(policy)
                .contains("default-src 'none'", "frame-ancestors 'none'", "connect-src 'self'")
                .containsPattern("script-src 'sha256-[\\w+/]{43}='")
                .doesNotContain("unsafe");
        String html = answer.substring(answer.indexOf("\r\n\r\n") + 4);
        assertThat(html).startsWith("<!doctype html>").endsWith("</html>\n");
        assertThat(html.replace("http://www.w3.org/2000/svg", "")).doesNotContain("//");
        assertThat(html).doesNotContain("innerHTML", " style=", " onclick=");
        assertThat(answer)
                .contains("Content-Length: " + html.getBytes(UTF_8).length, "nosniff", "no-store");
        assertThat(answer).doesNotContain("Access-Control");
    }

    @Test
    void metricsShowWhatTheLoopDoesAndWhoWatchesWhat() throws Exception {
        Uloop busy = shown("busy");
        LivePage page = open(busy);
        EventHandler handler = new Ignoring();
        int fd = readablePipe();
        busy.add(fd, UEvent.IN | UEvent.ONESHOT, handler);
        busy.callEvery(Duration.ofMillis(1), () -> {});
        closing(new LoopThread(busy));
        Awaitility.await()
                .untilAsserted(
                        () -> {
                            String json = get(page, "/metrics.json?now");
                            assertThat(number(json, "turnsPerSecond")).isPositive();
                            assertThat(number(json, "turnP99Nanos")).isPositive();
                        });
        String json = get(page, "/metrics.json");
        assertThat(json).contains("Content-Type: application/json\r\n").endsWith("]}\n");
        assertThat(json)
                .contains("\"name\":\"busy\"", "\"backend\":\"" + provider.name() + "\"")
                .contains("\"state\":\"running\",\"thread\":\"loop of the test\"")
                .contains("\"pid\":" + ProcessHandle.current().pid())
                .contains(
                        "{\"fd\":"
                                + fd
                                + ",\"handler\":\"io.uloop.live.LivePageTest$Ignoring\",\"via\":null,"
                                + "\"events\":\"IN|ONESHOT\",\"age\":")
                .contains(
                        "\"handlers\":[{\"handler\":\"io.uloop.live.LivePageTest$Ignoring\","
                                + "\"count\":1}]");
        assertThat(number(json, "descriptors")).isEqualTo(1);
        assertThat(number(json, "events")).isEqualTo(1);
        assertThat(number(json, "load")).isBetween(0.0, 1.0);
        assertThat(number(json, "slowThresholdNanos")).isEqualTo(4e7);
    }

    @Test
    void eventsArriveAgainAndAgain() throws Exception {
        LivePage page = open(loop);
        BufferedReader events = events(page);
        assertThat(events.readLine()).isEqualTo("HTTP/1.1 200 OK");
        assertThat(events.readLine()).isEqualTo("Content-Type: text/event-stream");
        double first = number(nextEvent(events), "time");
        assertThat(nextEvent(events)).endsWith("]}");
        Awaitility.await().until(() -> number(nextEvent(events), "time") > first);
        assertThat(page.clients()).isEqualTo(1);
        sockets.get(0).close();
        Awaitility.await().until(() -> page.clients() == 0);
    }

    @Test
    void blockedLoopIsShown() throws Exception {
        Uloop blocked = shown("blocked");
        LivePage page = open(blocked);
        CountDownLatch release = new CountDownLatch(1);
        try (CapturedLog log = new CapturedLog("io.uloop")) {
            closing(new LoopThread(blocked));
            blocked.execute(() -> LoopThread.await(release));
            Awaitility.await().until(() -> get(page, "/metrics.json").contains("\"running\":true"));
            Awaitility.await().until(() -> number(get(page, "/metrics.json"), "load") > 0.99);
            assertThat(number(get(page, "/metrics.json"), "slowCallbacks")).isPositive();
            assertThat(get(page, "/metrics.json"))
                    .contains("{\"what\":\"task io.uloop.live.LivePageTest$$Lambda");
            Awaitility.await().until(() -> !log.messages().isEmpty()); // after it is counted
        } finally {
            release.countDown();
        }
    }

    @Test
    void hostsOfOtherSitesAreRefused() throws Exception {
        LivePage page = open(loop);
        for (String host :
                List.of(
                        "evil.example",
                        "evil.example:" + page.localAddress().getPort(),
                        "127.0.0.1.evil.example",
                        "localhost.evil.example",
                        "127.0.0.1@evil.example",
                        "localhost:80:80",
                        "192.0.2.1",
                        "[fe80::1]",
                        "[::2]",
                        "[:::1]",
                        "[1]",
                        "")) {
            String answer = ask(page, "GET /metrics.json HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
            assertThat(status(answer)).as(host).isEqualTo("421");
            assertThat(answer).doesNotContain("loops");
        }
        for (String host :
                List.of(
                        "localhost",
                        "LocalHost:1",
                        "127.0.0.1:65535",
                        "127.1.2.3",
                        "[::1]:80",
                        "[0:0:0:0:0:0:0:1]:80")) {
            String answer = ask(page, "GET /metrics.json HTTP/1.0\r\nHost:" + host + "\r\n\r\n");
            assertThat(status(answer)).as(host).isEqualTo("200");
        }
    }

    @Test
    void clientsMayUseTheAddressOfAPageInIpv6() throws Exception {
        InetAddress local = InetAddress.getByName("::1");
        assumeTrue(NetworkInterface.getByInetAddress(local) != null, "requires IPv6");
        LivePage page = closing(LivePage.open(loop, new InetSocketAddress(local, 0)));
        assertThat(page.uri().toString())
                .isEqualTo("http://[::1]:" + page.localAddress().getPort() + "/");
        try (InputStream in = page.uri().resolve("/metrics.json").toURL().openStream()) {
            assertThat(new String(in.readAllBytes(), UTF_8)).endsWith("]}\n");
        }
    }

    @Test
    void requestsOfOtherPagesAreRefused() throws Exception {
        LivePage page = open(loop);
        assertThat(status(get(page, "/events", "Origin: http://evil.example"))).isEqualTo("403");
        assertThat(status(get(page, "/events", "Origin: null"))).isEqualTo("403");
        assertThat(status(get(page, "/events", "Sec-Fetch-Site: cross-site"))).isEqualTo("403");
        assertThat(status(get(page, "/metrics.json", "sec-fetch-site: same-site")))
                .isEqualTo("403");
        assertThat(status(get(page, "/metrics.json", "Origin: http://127.0.0.1"))).isEqualTo("200");
        assertThat(status(get(page, "/", "Sec-Fetch-Site: cross-site"))).isEqualTo("200"); // a link
    }

    /** The request comes in time, while a callback keeps the loop from reading it. */
    @Test
    void lateLoopStillAnswers() throws Exception {
        AtomicLong clock = new AtomicLong();
        Uloop late = closing(Uloop.builder().poller(provider).clock(clock::get).build());
        ShownLoops loops = new ShownLoops();
        loops.add(late);
        Duration never = Duration.ofDays(1);
        try (LiveServer server = new LiveServer(late, loops, anyPort(), false, never)) {
            Socket socket = closing(new Socket());
            socket.connect(server.localAddress());
            while (late.metrics().connections() == 0) {
                late.runOnce(TimeUnit.MILLISECONDS.toNanos(1));
            }
            socket.getOutputStream()
                    .write(bytes("GET /metrics.json HTTP/1.0\r\nHost: localhost\r\n\r\n").array());
            socket.shutdownOutput();
            clock.addAndGet(TimeUnit.MINUTES.toNanos(1));
            while (late.metrics().connections() > 0) {
                late.runOnce(TimeUnit.MILLISECONDS.toNanos(1));
            }
            String answer = new String(socket.getInputStream().readAllBytes(), UTF_8);
            assertThat(status(answer)).isEqualTo("200");
        }
    }

    @Test
    void onlyGetIsServed() throws Exception {
        LivePage page = open(loop);
        for (String method : List.of("POST", "HEAD", "PUT", "OPTIONS", "DELETE", "get")) {
            String answer = ask(page, method + " / HTTP/1.1\r\nHost: localhost\r\n\r\n");
            assertThat(status(answer)).as(method).isEqualTo("405");
            assertThat(answer).contains("Allow: GET\r\n");
        }
        assertThat(status(get(page, "/other"))).isEqualTo("404");
        assertThat(status(get(page, "/../etc/passwd"))).isEqualTo("404");
    }

    @Test
    void malformedRequestsAreRefused() throws Exception {
        LivePage page = open(loop);
        String host = "Host: localhost\r\n";
        for (String request :
                List.of(
                        "\r\n\r\n",
                        "GET /\r\n" + host + "\r\n",
                        "GET  / HTTP/1.1\r\n" + host + "\r\n",
                        "GET http://localhost/ HTTP/1.1\r\n" + host + "\r\n",
                        "GET / HTTP/1.1\r\n\r\n",
                        "GET / HTTP/1.1\r\n" + host + host + "\r\n",
                        "GET / HTTP/1.1\r\n" + host + " folded: x\r\n\r\n",
                        "GET / HTTP/1.1\r\n" + host + "bare: a\nb: c\r\n\r\n",
                        "GET / HTTP/1.1\r\n" + host + "no colon\r\n\r\n",
                        "GET / HTTP/1.1\r\n" + host + "Content-Length: 5\r\n\r\nhello",
                        "GET / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n",
                        "\u0016\u0003\u0001\u0002\r\n\r\n")) {
            assertThat(status(ask(page, request))).as(request).isEqualTo("400");
        }
        assertThat(status(ask(page, "GET / HTTP/2.0\r\n" + host + "\r\n"))).isEqualTo("505");
        String filler = "x: " + "y".repeat(8192) + "\r\n";
        assertThat(status(ask(page, "GET / HTTP/1.1\r\n" + host + filler + "\r\n")))
                .isEqualTo("431");
    }

    @Test
    void requestMayArriveByteByByte() throws Exception {
        LivePage page = open(loop);
        Socket socket = connect(page);
        socket.setTcpNoDelay(true);
        for (byte each : "GET /other HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(ISO_8859_1)) {
            socket.getOutputStream().write(each);
        }
        assertThat(status(new String(socket.getInputStream().readAllBytes(), UTF_8)))
                .isEqualTo("404");
    }

    @Test
    void streamsBeyondTheLimitAreRefused() throws Exception {
        LivePage page = open(loop);
        List<BufferedReader> readers = new ArrayList<>();
        for (int i = 0; i < LiveServer.MAX_STREAMS; i++) {
            BufferedReader events = events(page);
            assertThat(nextEvent(events)).isNotNull();
            readers.add(events);
        }
        String refusal = get(page, "/events");
        assertThat(status(refusal)).isEqualTo("503");
        assertThat(refusal).contains("16 pages are open; close another");
        assertThat(status(get(page, "/metrics.json"))).isEqualTo("200");
        assertThat(nextEvent(readers.get(0))).isNotNull();
        sockets.get(1).close();
        Awaitility.await().until(() -> page.clients() < LiveServer.MAX_STREAMS);
        assertThat(nextEvent(events(page))).isNotNull();
    }

    /** They hold their connections, and the newest are served. */
    @Test
    void halfRequestsDoNotLockOthersOut() throws Exception {
        LivePage page = open(loop);
        List<Socket> hostile = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            Socket half = connect(page);
            hostile.add(half);
            try {
                half.getOutputStream().write("GET / HTTP/1.1\r\nHost: ".getBytes(ISO_8859_1));
            } catch (IOException e) {
                // This connection is the oldest already.
            }
            if (i % 20 == 0) {
                assertThat(status(get(page, "/metrics.json"))).isEqualTo("200");
            }
        }
        assertThat(status(get(page, "/"))).isEqualTo("200");
        assertThat(page.clients()).isLessThanOrEqualTo(LiveServer.MAX_WAITING);
        assertThat(endOf(hostile.get(0).getInputStream())).isNegative();
        BufferedReader events = events(page);
        assertThat(nextEvent(events)).isNotNull();
    }

    @Test
    void buildersPagesAreIndependent() throws Exception {
        Uloop first = shown("first-shown");
        LivePageBuilder builder = LivePage.builder().show(first).period(PERIOD);
        LivePage page = closing(builder.build());
        builder.show(shown("second-shown"));
        LivePage both = closing(builder.build());
        Awaitility.await()
                .until(() -> get(both, "/metrics.json").contains("\"name\":\"second-shown\""));
        assertThat(get(page, "/metrics.json"))
                .contains("\"name\":\"first-shown\"")
                .doesNotContain("second-shown");
    }

    @Test
    void reportOfManyLoopsIsBounded() throws Exception {
        List<Integer> pipes = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            pipes.add(readablePipe());
        }
        LivePageBuilder builder = LivePage.builder().period(PERIOD);
        for (int i = 0; i < 60; i++) {
            Uloop each = shown("many-" + i);
            builder.show(each);
            for (int fd : pipes) {
                each.add(fd, UEvent.IN, new Ignoring());
            }
        }
        LivePage page = closing(builder.build());
        Matcher rows = Pattern.compile("\"fd\":").matcher(get(page, "/metrics.json"));
        assertThat(rows.results().count()).isBetween(60L, (long) LiveReport.ROWS);
    }

    /** A client that asks again and again must not cost more than one that waits for events. */
    @Test
    void reportIsWrittenOncePerSample() throws Exception {
        LivePage page = closing(LivePage.builder().show(loop).period(Duration.ofHours(1)).build());
        String first = get(page, "/metrics.json");
        long now = System.currentTimeMillis();
        Awaitility.await().until(() -> System.currentTimeMillis() > now + 1);
        assertThat(get(page, "/metrics.json")).isEqualTo(first);
        assertThat(nextEvent(events(page)))
                .isEqualTo("data: " + first.substring(first.indexOf('{')).strip());
    }

    /** Returns -1, whether the stream ends in order or by a reset. */
    private static int endOf(InputStream in) {
        try {
            return in.read();
        } catch (IOException e) {
            return -1;
        }
    }

    @Test
    void clientThatNeverReadsIsDropped() throws Exception {
        Uloop large = shown("large".repeat(10_000));
        LivePage page = open(large);
        events(page);
        BufferedReader reader = events(page);
        Awaitility.await().until(() -> page.clients() == 2);
        Awaitility.await().until(() -> nextEvent(reader) != null && page.clients() == 1);
        assertThat(nextEvent(reader)).isNotNull();
    }

    @Test
    void namesCannotEscapeFromTheirStrings() throws Exception {
        Uloop odd = shown("</script><b>\"\\\u2028\ud800&'\n");
        String json = get(open(odd), "/metrics.json");
        assertThat(json)
                .contains(
                        "\"name\":\"\\u003c/script\\u003e\\u003cb\\u003e\\u0022\\u005c\\u2028\\ud800"
                                + "\\u0026\\u0027\\u000a\"");
    }

    @Test
    void addressesOfOtherMachinesNeedPermission() throws Exception {
        InetSocketAddress any = new InetSocketAddress("0.0.0.0", 0);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LivePage.open(loop, any))
                .withMessageContaining("is not a loopback address");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LivePage.open(loop, InetSocketAddress.createUnresolved("x", 0)))
                .withMessageContaining("not resolved");
        assertThatIllegalStateException().isThrownBy(() -> LivePage.builder().build());
        LivePage page =
                closing(LivePage.builder().show(loop).address(any).allowRemote(true).build());
        assertThat(page.uri().toString())
                .isEqualTo("http://127.0.0.1:" + page.localAddress().getPort() + "/");
        InetSocketAddress local =
                new InetSocketAddress(
                        InetAddress.getByName("127.0.0.1"), page.localAddress().getPort());
        try (Socket socket = new Socket(local.getAddress(), local.getPort())) {
            socket.getOutputStream()
                    .write("GET / HTTP/1.1\r\nHost: 192.0.2.1\r\n\r\n".getBytes(ISO_8859_1));
            assertThat(status(new String(socket.getInputStream().readAllBytes(), UTF_8)))
                    .isEqualTo("200");
        }
    }

    @Test
    void pageClosesWithItsLoop() throws Exception {
        LivePage page = open(loop);
        BufferedReader events = events(page);
        assertThat(nextEvent(events)).isNotNull();
        loop.close();
        Awaitility.await().until(() -> !page.isOpen());
        Awaitility.await().until(() -> endOf(sockets.get(0).getInputStream()) < 0);
        page.close();
    }

    @Test
    void pageShowsTheLoopsOfAGroupAndClosesWithIt() throws Exception {
        LivePage page;
        try (UloopGroup group =
                UloopGroup.builder()
                        .size(2)
                        .name("shown")
                        .eachLoop(each -> each.poller(provider))
                        .build()) {
            page = closing(LivePage.builder().show(group).period(PERIOD).build());
            assertThat(get(page, "/metrics.json"))
                    .contains("\"name\":\"shown-0\"", "\"name\":\"shown-1\"");
            group.loop(1).close();
            Awaitility.await()
                    .until(() -> get(page, "/metrics.json").contains("\"state\":\"closed\""));
            assertThat(page.isOpen()).isTrue();
        }
        Awaitility.await().until(() -> !page.isOpen());
    }

    @Test
    void replacementOfALoopIsShownAndMeasured() throws Exception {
        try (CapturedLog log = new CapturedLog("io.uloop");
                UloopGroup group =
                        UloopGroup.builder()
                                .size(2) // the page must not find that all have ended
                                .name("replaced")
                                .eachLoop(each -> each.poller(provider))
                                .replaceFailed(3)
                                .build()) {
            LivePage page = closing(LivePage.builder().show(group).period(PERIOD).build());
            Uloop failed = group.loop(0);
            failed.execute(
                    () -> {
                        throw new LinkageError("a class is missing");
                    });
            Awaitility.await().until(() -> group.loop(0) != failed);
            group.loop(0).execute(() -> group.loop(0).callEvery(Duration.ofMillis(1), () -> {}));
            Awaitility.await()
                    .untilAsserted(
                            () ->
                                    assertThat(get(page, "/metrics.json"))
                                            .contains("\"state\":\"running\"", "turnP99Nanos")
                                            .doesNotContain("\"state\":\"closed\""));
            assertThat(log.messages()).isNotEmpty();
        }
    }

    @Test
    void pageWaitsForAReplacementThatTakesLong() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        LivePage page;
        try (CapturedLog log = new CapturedLog("io.uloop");
                UloopGroup group =
                        UloopGroup.builder()
                                .size(1)
                                .name("replaced")
                                .eachLoop(each -> each.poller(provider))
                                .failureHandler((which, index, failure) -> release.await())
                                .replaceFailed(1)
                                .build()) {
            page = closing(LivePage.builder().show(group).period(PERIOD).build());
            try {
                BufferedReader events = events(page);
                group.loop(0)
                        .execute(
                                () -> {
                                    throw new LinkageError("a class is missing");
                                });
                for (int closed = 0; closed < 4; ) {
                    String event = nextEvent(events);
                    assertThat(event).isNotNull();
                    closed += event.contains("\"state\":\"closed\"") ? 1 : 0;
                }
                release.countDown();
                Awaitility.await().until(() -> nextEvent(events).contains("\"state\":\"running\""));
                assertThat(group.hasEnded()).isFalse();
            } finally {
                release.countDown();
            }
            assertThat(log.messages()).isNotEmpty();
        }
        Awaitility.await().until(() -> !page.isOpen());
    }

    @Test
    void failureOfThePageIsLogged() throws Exception {
        ShownLoops loops = new ShownLoops();
        loops.add(loop);
        Uloop own = closing(Uloop.builder().poller(provider).build());
        try (CapturedLog log = new CapturedLog("io.uloop")) {
            LivePage page =
                    closing(
                            new LivePage(
                                    own,
                                    loops,
                                    new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                                    false,
                                    PERIOD));
            own.execute(
                    () -> {
                        throw new LinkageError("a class is missing");
                    });
            Awaitility.await().until(() -> !page.isOpen());
            page.close();
            assertThat(log.messages())
                    .contains("the live page at " + page.uri() + " has failed and is closed");
        }
    }

    @Test
    void closedPageMeasuresNothing() throws Exception {
        LivePage page = open(loop);
        loop.runOnce(0);
        loop.runOnce(0);
        assertThat(loop.metrics().turnTimes().count()).isEqualTo(2);
        page.close();
        page.close();
        assertThat(page.isOpen()).isFalse();
        assertThat(page).hasToString("LivePage[" + page.uri() + ", closed]");
        loop.runOnce(0);
        assertThat(loop.metrics().turnTimes().count()).isEqualTo(2);
    }

    @Test
    void pageDoesNotKeepAForgottenLoop() throws Exception {
        try (CapturedLog log =
                new CapturedLog("io.uloop", record -> !record.getMessage().contains("lost-live"))) {
            LivePage page =
                    closing(
                            LivePage.builder()
                                    .show(
                                            Uloop.builder()
                                                    .poller(provider)
                                                    .name("lost-live")
                                                    .build())
                                    .period(PERIOD)
                                    .build());
            Awaitility.await()
                    .until(
                            () -> {
                                System.gc();
                                return !page.isOpen();
                            });
            Awaitility.await().until(() -> !log.messages().isEmpty());
            assertThat(log.messages().get(0)).contains("was garbage-collected open");
        }
    }

    private static final class Ignoring implements EventHandler {
        @Override
        public void processEvent(int fd, int events) {}
    }
}
