/*
 * Closed-loop load: every connection has one message in flight, and sends the next when the echo of
 * the last is complete. With UDP, a message may be a group of SEGMENTS datagrams, sent by one call
 * (UDP_SEGMENT) and received by as few calls as the server's sends allow (UDP_GRO). Each datagram
 * counts as a message and has the latency of its group.
 *
 *     load tcp|udp PORT CONNECTIONS SIZE IDLE SEGMENTS
 *     load segments       reports why, if the kernel does not support segmented datagrams
 *
 * Connects and prints "READY 0". Then, for every line "run MILLIS" on standard input, runs for that
 * time, waits for the messages in flight, and prints
 *
 *     DONE messages nanos lost p50 p90 p99 p999 max
 *
 * with latencies in nanoseconds. Exits at the end of standard input.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif
#ifndef UDP_GRO
#define UDP_GRO 104
#endif

enum { EVENTS = 512, RETRY_MILLIS = 250, PATIENCE_SECONDS = 10 };
enum { MAX_BYTES = 65536, MAX_SEGMENTS = 64 };
enum { STEPS = 128, BUCKETS = 64 * STEPS };

struct connection {
    int fd;
    unsigned missing; /* messages in flight without an echo */
    uint64_t echoed;  /* one bit per echoed message */
    uint32_t number;  /* of the first message in flight; each message starts with its number */
    size_t received;
    uint64_t sent_nanos;
};

static struct connection *connections;
static int count, epoll, datagrams;
static unsigned segments; /* messages per send */
static size_t size, number_bytes;
static char request[MAX_BYTES], reply[MAX_BYTES];
static uint64_t latencies[BUCKETS];
static uint64_t messages, lost, longest, under_way;

static void fail(const char *call) {
    fprintf(stderr, "load: %s: %s\n", call, strerror(errno));
    exit(1);
}

static void fail_of(const char *what) {
    errno = EBADMSG;
    fail(what);
}

static uint64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

/* The width of a bucket is at most 1/128 of its value. */
static void record(uint64_t nanos) {
    int shift = nanos < 2 * STEPS ? 0 : 56 - __builtin_clzll(nanos);
    latencies[shift * STEPS + (nanos >> shift)] += segments;
    if (nanos > longest) {
        longest = nanos;
    }
}

static uint64_t percentile(double share) {
    uint64_t below = 0, wanted = (uint64_t)(share * messages);
    for (int i = 0; i < BUCKETS; i++) {
        below += latencies[i];
        if (below > wanted) {
            int shift = i < 2 * STEPS ? 0 : i / STEPS - 1;
            uint64_t bound = ((uint64_t)(i - shift * STEPS + 1) << shift) - 1;
            return bound < longest ? bound : longest;
        }
    }
    return longest;
}

/* Makes the kernel split sends into datagrams, and merge received ones. */
static void enable_segments(int fd) {
    int bytes = (int)size, on = 1;
    if (setsockopt(fd, IPPROTO_UDP, UDP_SEGMENT, &bytes, sizeof bytes) < 0) {
        fail("setsockopt UDP_SEGMENT");
    }
    if (setsockopt(fd, IPPROTO_UDP, UDP_GRO, &on, sizeof on) < 0) {
        fail("setsockopt UDP_GRO");
    }
}

static int connect_to(int port) {
    struct sockaddr_in server = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, (datagrams ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        fail("socket");
    }
    if (connect(fd, (struct sockaddr *)&server, sizeof server) < 0) {
        fail("connect");
    }
    if (!datagrams) {
        /* Closes with a reset, so that no port stays in TIME_WAIT. */
        struct linger abort = {.l_onoff = 1, .l_linger = 0};
        int on = 1;
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &abort, sizeof abort);
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
    if (segments > 1) {
        enable_segments(fd);
    }
    return fd;
}

static void send_messages(struct connection *connection, uint64_t nanos) {
    for (unsigned i = 0; i < segments; i++) {
        uint32_t number = connection->number + i;
        memcpy(request + i * size, &number, number_bytes);
    }
    connection->sent_nanos = nanos;
    connection->received = 0;
    ssize_t sent = send(connection->fd, request, segments * size, MSG_NOSIGNAL);
    int dropped = datagrams && sent < 0 && (errno == ECONNREFUSED || errno == ENOBUFS);
    if (sent != (ssize_t)(segments * size) && !dropped) {
        fail("send"); /* a blocking send takes all, as the server has nothing to write */
    }
}

static void start(struct connection *connection, uint64_t nanos) {
    connection->number += segments;
    connection->missing = segments;
    connection->echoed = 0;
    under_way++;
    send_messages(connection, nanos);
}

/* Returns 0 for a late echo of a message that was resent. */
static int take(struct connection *connection, const char *echo) {
    uint32_t number = 0, wanted = 0;
    memcpy(&number, echo, number_bytes);
    memcpy(&wanted, &connection->number, number_bytes);
    uint32_t i = (number - wanted) & (UINT32_MAX >> (32 - 8 * number_bytes));
    if (i >= segments || connection->missing == 0 || (connection->echoed >> i & 1)) {
        return 0;
    }
    if (memcmp(echo + number_bytes, request + i * size + number_bytes, size - number_bytes) != 0) {
        fail_of("received an echo that differs from the message");
    }
    connection->echoed |= 1ull << i;
    connection->missing--;
    return 1;
}

/* Returns the length of the datagrams received by one call. The last one may be shorter. */
static size_t segment_bytes(struct msghdr *message, size_t received) {
    struct cmsghdr *control = CMSG_FIRSTHDR(message);
    int bytes = 0;
    if (control != NULL && control->cmsg_level == IPPROTO_UDP && control->cmsg_type == UDP_GRO) {
        memcpy(&bytes, CMSG_DATA(control), sizeof bytes);
    }
    return bytes > 0 ? (size_t)bytes : received;
}

/* Receives with one call. Returns 0 if no datagram is waiting. */
static int receive_datagrams(struct connection *connection) {
    union {
        char bytes[CMSG_SPACE(sizeof(int))];
        struct cmsghdr header;
    } control;
    struct iovec vector = {.iov_base = reply, .iov_len = sizeof reply};
    struct msghdr message = {.msg_iov = &vector,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = sizeof control};
    ssize_t got = recvmsg(connection->fd, &message, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR || errno == ECONNREFUSED)) {
        return 0;
    }
    if (got < 0) {
        fail("recvmsg");
    }
    if (got % size != 0 || segment_bytes(&message, got) != size) {
        fail_of("received a datagram of the wrong length");
    }
    for (ssize_t i = 0; i < got; i += size) {
        take(connection, reply + i);
    }
    return 1;
}

static void receive_stream(struct connection *connection) {
    size_t have = connection->received;
    ssize_t got = recv(connection->fd, reply + have, size - have, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
        return;
    }
    if (got <= 0) {
        errno = got == 0 ? ECONNRESET : errno;
        fail("recv");
    }
    connection->received = have + got;
    if (connection->received == size && !take(connection, reply)) {
        fail_of("received an echo of another message");
    }
}

/* Returns 1 when the last echo has arrived. */
static int receive(struct connection *connection) {
    unsigned missed = connection->missing;
    if (datagrams) {
        while (receive_datagrams(connection) && connection->missing > 0) {
        }
    } else {
        receive_stream(connection);
    }
    return missed > 0 && connection->missing == 0;
}

static void finish(struct connection *connection, uint64_t nanos) {
    under_way--;
    messages += segments;
    record(nanos - connection->sent_nanos);
}

static void send_again(uint64_t nanos) {
    for (int i = 0; i < count; i++) {
        if (connections[i].missing > 0
            && nanos - connections[i].sent_nanos > RETRY_MILLIS * 1000000ull) {
            lost += connections[i].missing;
            send_messages(&connections[i], nanos);
        }
    }
}

static void run(uint64_t millis) {
    static struct epoll_event events[EVENTS];
    messages = lost = longest = 0;
    memset(latencies, 0, sizeof latencies);
    uint64_t begin = now(), end = begin + millis * 1000000, nanos = begin;
    uint64_t finished = begin, retried = begin;
    for (int i = 0; i < count; i++) {
        start(&connections[i], now());
    }
    while (under_way > 0) {
        int ready = epoll_wait(epoll, events, EVENTS, RETRY_MILLIS);
        if (ready < 0 && errno != EINTR) {
            fail("epoll_wait");
        }
        nanos = now();
        if (nanos - finished > PATIENCE_SECONDS * 1000000000ull) {
            errno = ETIMEDOUT;
            fail("no echo within ten seconds");
        }
        if (datagrams && nanos - retried > RETRY_MILLIS * 1000000ull) {
            send_again(nanos);
            retried = nanos;
        }
        for (int i = 0; i < ready; i++) {
            struct connection *connection = events[i].data.ptr;
            if (receive(connection)) {
                finished = now();
                finish(connection, finished);
                if (finished < end) {
                    start(connection, finished);
                }
            }
        }
    }
    nanos = now();
    printf("DONE %lu %lu %lu %lu %lu %lu %lu %lu\n", messages, nanos - begin, lost,
           percentile(0.5), percentile(0.9), percentile(0.99), percentile(0.999), longest);
    fflush(stdout);
}

int main(int argc, char **argv) {
    if (argc == 2 && strcmp(argv[1], "segments") == 0) {
        size = 1;
        enable_segments(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
        return 0;
    }
    if (argc != 7) {
        fprintf(stderr, "usage: load tcp|udp PORT CONNECTIONS SIZE IDLE SEGMENTS\n");
        return 2;
    }
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
    datagrams = strcmp(argv[1], "udp") == 0;
    int port = atoi(argv[2]);
    count = atoi(argv[3]);
    size = atoi(argv[4]);
    segments = atoi(argv[6]);
    if (count < 1 || size < 1 || size > MAX_BYTES || segments < 1 || segments > MAX_SEGMENTS
        || segments * size > MAX_BYTES || (segments > 1 && !datagrams)) {
        errno = EINVAL;
        fail("arguments");
    }
    number_bytes = size < sizeof(uint32_t) ? size : sizeof(uint32_t);
    for (size_t i = 0; i < sizeof request; i++) {
        request[i] = (char)(i * 31 + i / size);
    }
    connections = calloc(count, sizeof *connections);
    epoll = epoll_create1(EPOLL_CLOEXEC);
    if (connections == NULL || epoll < 0) {
        fail("epoll_create1");
    }
    for (int i = atoi(argv[5]); i > 0; i--) {
        connect_to(port); /* open until this process ends */
    }
    for (int i = 0; i < count; i++) {
        connections[i].fd = connect_to(port);
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = &connections[i]};
        if (epoll_ctl(epoll, EPOLL_CTL_ADD, connections[i].fd, &event) < 0) {
            fail("epoll_ctl");
        }
    }
    printf("READY 0\n");
    fflush(stdout);
    char line[64];
    unsigned long millis;
    while (fgets(line, sizeof line, stdin) != NULL && sscanf(line, "run %lu", &millis) == 1) {
        run(millis);
    }
    return 0;
}
