/*
 * Load of short connections: connects, sends one message, reads the echo, and closes. A number of
 * connections is open at a time. The latency of a connection is that from connect to the echo. Each
 * connection comes from another loopback address, so ports in TIME_WAIT do not run out.
 *
 *     churn PORT CONNECTIONS SIZE
 *
 * load.h describes the dialog.
 */
#include "load.h"

enum { MAX_BYTES = 65536, ADDRESSES = 250 };

struct connection {
    int fd;
    size_t received;
    uint64_t begin_nanos;
};

static struct connection *connections;
static int count, port, epoll;
static size_t size;
static char request[MAX_BYTES], reply[MAX_BYTES];
static uint64_t opened, finished, under_way;

static void bind_another(int fd) {
    struct sockaddr_in local = {
        .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1 + opened % ADDRESSES)};
    int on = 1;
    /* The port is chosen by connect, where only the pair of addresses must be unique. */
    setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    if (bind(fd, (struct sockaddr *)&local, sizeof local) < 0) {
        fail("bind");
    }
}

static void start(struct connection *connection) {
    connection->begin_nanos = now();
    connection->received = 0;
    connection->fd = open_socket(SOCK_STREAM);
    bind_another(connection->fd);
    connect_to(connection->fd, port);
    watch(epoll, connection->fd, EPOLLIN, connection);
    if (send(connection->fd, request, size, MSG_NOSIGNAL) != (ssize_t)size) {
        fail("send");
    }
    opened++;
    under_way++;
}

/* Returns 1 when the echo is complete. */
static int receive(struct connection *connection) {
    size_t have = connection->received;
    ssize_t got = recv(connection->fd, reply + have, size - have, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
        return 0;
    }
    if (got <= 0) {
        fail_of("recv", got == 0 ? ECONNRESET : errno);
    }
    connection->received = have + got;
    if (connection->received < size) {
        return 0;
    }
    if (memcmp(request, reply, size) != 0) {
        fail_of("received an echo that differs from the message", EBADMSG);
    }
    return 1;
}

static void run(uint64_t millis, uint64_t rate) {
    static struct epoll_event events[EVENTS];
    uint64_t begin = now(), end = begin + millis * 1000000, nanos = begin;
    (void)rate;
    finished = 0;
    for (int i = 0; i < count; i++) {
        start(&connections[i]);
    }
    while (under_way > 0) {
        int ready = wait_for(epoll, events, 1000, nanos);
        for (int i = 0; i < ready; i++) {
            struct connection *connection = events[i].data.ptr;
            if (receive(connection)) {
                nanos = now();
                record(nanos - connection->begin_nanos, 1);
                close(connection->fd);
                under_way--;
                finished++;
                if (nanos < end) {
                    start(connection);
                }
            }
        }
    }
    print_done(finished, now() - begin, 0);
}

int main(int argc, char **argv) {
    if (argc != 4) {
        fprintf(stderr, "usage: churn PORT CONNECTIONS SIZE\n");
        return 2;
    }
    port = atoi(argv[1]);
    count = atoi(argv[2]);
    size = atoi(argv[3]);
    if (count < 1 || size < 1 || size > MAX_BYTES) {
        fail_of("arguments", EINVAL);
    }
    raise_limit();
    memset(request, 'u', size);
    connections = calloc(count, sizeof *connections);
    if (connections == NULL) {
        fail("calloc");
    }
    epoll = new_epoll();
    obey(run);
    return 0;
}
