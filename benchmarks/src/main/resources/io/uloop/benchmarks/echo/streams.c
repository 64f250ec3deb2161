/*
 * Load of large streams: each connection sends a stream as fast as the server takes it, reads the
 * echo at the same time, and begins the next stream when the echo is complete. Counts bytes. The
 * latency is that of a whole stream.
 *
 *     streams PORT CONNECTIONS BYTES
 *
 * load.h describes the dialog.
 */
#include "load.h"

enum { CHUNK = 1 << 18, PERIOD = 251 };

struct connection {
    int fd;
    uint64_t sent, received, begin_nanos;
};

static struct connection *connections;
static int count, epoll;
static uint64_t stream_bytes, progress;
static char pattern[CHUNK + PERIOD], echo[CHUNK];

static size_t part(uint64_t left) {
    return left < CHUNK ? left : CHUNK;
}

static int would_block(ssize_t moved) {
    return moved < 0 && (errno == EAGAIN || errno == EINTR);
}

static void send_more(struct connection *connection) {
    while (connection->sent < stream_bytes) {
        const char *from = pattern + connection->sent % PERIOD;
        ssize_t sent = send(connection->fd, from, part(stream_bytes - connection->sent),
                            MSG_NOSIGNAL | MSG_DONTWAIT);
        if (would_block(sent)) {
            return;
        }
        if (sent < 0) {
            fail("send");
        }
        connection->sent += sent;
    }
}

/* Checks the first and the last byte of each piece, which shows bytes lost, repeated or mixed. */
static void check(const struct connection *connection, size_t got) {
    size_t first = connection->received % PERIOD, last = (first + got - 1) % PERIOD;
    if (echo[0] != pattern[first] || echo[got - 1] != pattern[last]) {
        fail_of("received an echo that differs from the stream", EBADMSG);
    }
}

static void receive_more(struct connection *connection) {
    while (connection->received < stream_bytes) {
        ssize_t got = recv(connection->fd, echo, part(stream_bytes - connection->received),
                           MSG_DONTWAIT);
        if (would_block(got)) {
            return;
        }
        if (got <= 0) {
            fail_of("recv", got == 0 ? ECONNRESET : errno);
        }
        check(connection, got);
        connection->received += got;
        progress = now();
    }
}

static void start(struct connection *connection) {
    connection->sent = connection->received = 0;
    connection->begin_nanos = now();
    send_more(connection);
}

static void run(uint64_t millis, uint64_t rate) {
    static struct epoll_event events[EVENTS];
    uint64_t begin = now(), end = begin + millis * 1000000, bytes = 0;
    int under_way = count;
    (void)rate;
    progress = begin;
    for (int i = 0; i < count; i++) {
        start(&connections[i]);
    }
    while (under_way > 0) {
        int ready = wait_for(epoll, events, 1000, progress);
        for (int i = 0; i < ready; i++) {
            struct connection *connection = events[i].data.ptr;
            if (connection->received == stream_bytes) {
                continue; /* complete in this run */
            }
            receive_more(connection);
            send_more(connection);
            if (connection->received == stream_bytes) {
                uint64_t nanos = now();
                record(nanos - connection->begin_nanos, 1);
                bytes += stream_bytes;
                if (nanos < end) {
                    start(connection);
                } else {
                    under_way--;
                }
            }
        }
    }
    print_done(bytes, now() - begin, 0);
}

int main(int argc, char **argv) {
    if (argc != 4) {
        fprintf(stderr, "usage: streams PORT CONNECTIONS BYTES\n");
        return 2;
    }
    int port = atoi(argv[1]);
    count = atoi(argv[2]);
    stream_bytes = strtoull(argv[3], NULL, 10);
    if (count < 1 || stream_bytes < 1) {
        fail_of("arguments", EINVAL);
    }
    raise_limit();
    for (size_t i = 0; i < sizeof pattern; i++) {
        pattern[i] = (char)(i % PERIOD);
    }
    connections = calloc(count, sizeof *connections);
    if (connections == NULL) {
        fail("calloc");
    }
    epoll = new_epoll();
    for (int i = 0; i < count; i++) {
        int fd = open_socket(SOCK_STREAM);
        connect_to(fd, port);
        reset_at_close(fd);
        send_at_once(fd);
        connections[i].fd = fd;
        watch(epoll, fd, EPOLLIN | EPOLLOUT | EPOLLET, &connections[i]);
    }
    obey(run);
    return 0;
}
