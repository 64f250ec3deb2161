/*
 * Closed-loop load: every connection has one message under way, and sends the next when the echo
 * of the last is complete.
 *
 *     load tcp|udp PORT CONNECTIONS SIZE IDLE
 *
 * Connects, prints "READY 0", then for every line "run MILLIS" of standard input runs that long,
 * waits for what is under way, and prints
 *
 *     DONE messages nanos lost p50 p90 p99 p999 max
 *
 * with latencies in nanoseconds. Ends when standard input does.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { EVENTS = 512, RETRY_MILLIS = 250, MAX_RETRIES = 40, MAX_BYTES = 65536 };
enum { STEPS = 128, BUCKETS = 64 * STEPS };

struct connection {
    int fd;
    int under_way;
    uint32_t number; /* of the message under way, which is in its first bytes */
    size_t received;
    uint64_t sent_nanos;
};

static struct connection *connections;
static int count, epoll, datagrams;
static size_t size;
static char request[MAX_BYTES], reply[MAX_BYTES];
static uint64_t latencies[BUCKETS];
static uint64_t messages, lost, longest, under_way;

static void fail(const char *call) {
    fprintf(stderr, "load: %s: %s\n", call, strerror(errno));
    exit(1);
}

static uint64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

/* Buckets of 1/128 of their value or finer. */
static void record(uint64_t nanos) {
    int shift = nanos < 2 * STEPS ? 0 : 56 - __builtin_clzll(nanos);
    latencies[shift * STEPS + (nanos >> shift)]++;
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
            return ((uint64_t)(i - shift * STEPS + 1) << shift) - 1;
        }
    }
    return longest;
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
        /* Closed by a reset, so that no port is left waiting. */
        struct linger abort = {.l_onoff = 1, .l_linger = 0};
        int on = 1;
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &abort, sizeof abort);
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
    return fd;
}

static void send_message(struct connection *connection, uint64_t nanos) {
    memcpy(request, &connection->number, size < 4 ? size : 4);
    connection->sent_nanos = nanos;
    connection->received = 0;
    ssize_t sent = send(connection->fd, request, size, MSG_NOSIGNAL);
    if (sent != (ssize_t)size && !(datagrams && sent < 0)) {
        fail("send"); /* blocking: all of it, as the server owes no other echo */
    }
}

static void start(struct connection *connection, uint64_t nanos) {
    connection->number++;
    connection->under_way = 1;
    under_way++;
    send_message(connection, nanos);
}

/* True if the echo is complete; a late one of a message that was sent again is passed over. */
static int receive(struct connection *connection) {
    size_t have = datagrams ? 0 : connection->received;
    ssize_t got = recv(connection->fd, reply + have, size - have, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR || (datagrams && errno == ECONNREFUSED))) {
        return 0;
    }
    if (got <= 0) {
        errno = got == 0 ? ECONNRESET : errno;
        fail("recv");
    }
    connection->received = have + got;
    if (connection->received < size) {
        return 0;
    }
    if (have == 0 && memcmp(reply, &connection->number, size < 4 ? size : 4) != 0) {
        if (!datagrams) {
            errno = EBADMSG;
            fail("another message came back than was sent");
        }
        return 0;
    }
    return connection->under_way;
}

static void finish(struct connection *connection, uint64_t nanos) {
    connection->under_way = 0;
    under_way--;
    messages++;
    record(nanos - connection->sent_nanos);
}

static void send_again(void) {
    uint64_t nanos = now();
    for (int i = 0; i < count; i++) {
        if (connections[i].under_way
            && nanos - connections[i].sent_nanos > RETRY_MILLIS * 1000000ull) {
            lost++;
            send_message(&connections[i], nanos);
        }
    }
}

static void run(uint64_t millis) {
    static struct epoll_event events[EVENTS];
    messages = lost = longest = 0;
    memset(latencies, 0, sizeof latencies);
    int retries = 0;
    uint64_t begin = now(), end = begin + millis * 1000000, nanos = begin;
    for (int i = 0; i < count; i++) {
        start(&connections[i], now());
    }
    while (under_way > 0) {
        int ready = epoll_wait(epoll, events, EVENTS, RETRY_MILLIS);
        if (ready < 0 && errno != EINTR) {
            fail("epoll_wait");
        }
        retries = ready == 0 ? retries + 1 : 0;
        if (retries == MAX_RETRIES) {
            errno = ETIMEDOUT;
            fail("no echo for ten seconds");
        }
        if (ready == 0 && datagrams) {
            send_again();
        }
        for (int i = 0; i < ready; i++) {
            struct connection *connection = events[i].data.ptr;
            if (receive(connection)) {
                nanos = now();
                finish(connection, nanos);
                if (nanos < end) {
                    start(connection, nanos);
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
    if (argc != 6) {
        fprintf(stderr, "usage: load tcp|udp PORT CONNECTIONS SIZE IDLE\n");
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
    if (count < 1 || size < 1 || size > MAX_BYTES) {
        errno = EINVAL;
        fail("arguments");
    }
    memset(request, 'x', sizeof request);
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
