/*
 * Load of messages. In a closed loop, every connection has one message in flight, and sends the next
 * when the echo of the last is complete. With a rate, messages are due at fixed intervals. A message
 * that is due takes the connection that has been free for longest, or waits until one is free. Its
 * latency counts from the time when it was due, so a stall of the server counts for all messages
 * that it delays. The generator does not sleep between messages.
 *
 * With UDP, a message may be a group of SEGMENTS datagrams, sent by one call (UDP_SEGMENT) and
 * received by as few calls as the server's sends allow (UDP_GRO). Each datagram counts as a message
 * and has the latency of its group.
 *
 *     load tcp|udp PORT CONNECTIONS SIZE IDLE SEGMENTS
 *     load segments       reports why, if the kernel does not support segmented datagrams
 *
 * load.h describes the dialog.
 */
#include "load.h"
#include <netinet/udp.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif
#ifndef UDP_GRO
#define UDP_GRO 104
#endif

enum { RETRY_MILLIS = 250, MAX_BYTES = 65536, MAX_SEGMENTS = 64 };

struct connection {
    int fd;
    unsigned missing; /* messages in flight without an echo */
    uint64_t echoed;  /* one bit per echoed message */
    uint32_t number;  /* of the first message in flight; each message starts with its number */
    size_t received;
    uint64_t sent_nanos;
    struct connection *next_free;
};

static struct connection *connections;
static struct connection *first_free, **last_free = &first_free;
static int count, epoll, datagrams;
static unsigned segments; /* messages per send */
static size_t size, number_bytes;
static char request[MAX_BYTES], reply[MAX_BYTES];
static uint64_t messages, lost, under_way;
static uint64_t begin, end, rate, sent; /* of the current run */

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

static int open_connection(int port) {
    int fd = open_socket(datagrams ? SOCK_DGRAM : SOCK_STREAM);
    connect_to(fd, port);
    if (!datagrams) {
        reset_at_close(fd);
        send_at_once(fd);
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
        fail_of("received an echo that differs from the message", EBADMSG);
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
        fail_of("received a datagram of the wrong length", EBADMSG);
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
        fail_of("received an echo of another message", EBADMSG);
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

static void add_free(struct connection *connection) {
    connection->next_free = NULL;
    *last_free = connection;
    last_free = &connection->next_free;
}

static struct connection *take_free(void) {
    struct connection *connection = first_free;
    first_free = connection->next_free;
    if (first_free == NULL) {
        last_free = &first_free;
    }
    return connection;
}

static void finish(struct connection *connection, uint64_t nanos) {
    under_way--;
    messages += segments;
    record(nanos - connection->sent_nanos, segments);
    add_free(connection);
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

/* Returns when the next message is due. */
static uint64_t next_due(uint64_t nanos) {
    return rate == 0 ? nanos : begin + sent * 1000000000 / rate;
}

static void start_due(uint64_t nanos) {
    for (uint64_t due; first_free != NULL && (due = next_due(nanos)) <= nanos && due < end;) {
        sent++;
        start(take_free(), due);
    }
}

static void run(uint64_t millis, uint64_t per_second) {
    static struct epoll_event events[EVENTS];
    messages = lost = sent = 0;
    rate = per_second;
    begin = now();
    end = begin + millis * 1000000;
    uint64_t finished = begin, retried = begin, nanos = begin;
    start_due(begin);
    while (under_way > 0 || next_due(nanos) < end) {
        int sleep = rate == 0 || next_due(nanos) >= end;
        int ready = wait_for(epoll, events, sleep ? RETRY_MILLIS : 0, finished);
        for (int i = 0; i < ready; i++) {
            struct connection *connection = events[i].data.ptr;
            if (receive(connection)) {
                finished = now();
                finish(connection, finished);
                start_due(finished);
            }
        }
        nanos = now();
        if (rate > 0) {
            start_due(nanos);
        }
        if (datagrams && nanos - retried > RETRY_MILLIS * 1000000ull) {
            send_again(nanos);
            retried = nanos;
        }
    }
    print_done(messages, now() - begin, lost);
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
    raise_limit();
    datagrams = strcmp(argv[1], "udp") == 0;
    int port = atoi(argv[2]);
    count = atoi(argv[3]);
    size = atoi(argv[4]);
    segments = atoi(argv[6]);
    if (count < 1 || size < 1 || size > MAX_BYTES || segments < 1 || segments > MAX_SEGMENTS
        || segments * size > MAX_BYTES || (segments > 1 && !datagrams)) {
        fail_of("arguments", EINVAL);
    }
    number_bytes = size < sizeof(uint32_t) ? size : sizeof(uint32_t);
    for (size_t i = 0; i < sizeof request; i++) {
        request[i] = (char)(i * 31 + i / size);
    }
    connections = calloc(count, sizeof *connections);
    if (connections == NULL) {
        fail("calloc");
    }
    epoll = new_epoll();
    for (int i = atoi(argv[5]); i > 0; i--) {
        open_connection(port); /* open until this process ends */
    }
    for (int i = 0; i < count; i++) {
        connections[i].fd = open_connection(port);
        watch(epoll, connections[i].fd, EPOLLIN, &connections[i]);
        add_free(&connections[i]);
    }
    obey(run);
    return 0;
}
