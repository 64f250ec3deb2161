/*
 * Echo over TCP on epoll, edge-triggered: one registration per connection, then one recv and one
 * send per message. Prints "READY port". Exits at the end of standard input.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BUFFER_BYTES = 65536, EVENTS = 512, BACKLOG = 4096, MAX_FD = 1 << 20 };

/* The part of an echo that the kernel did not accept. */
struct rest {
    char *bytes;
    size_t start, end;
};

static struct rest rests[MAX_FD];
static char buffer[BUFFER_BYTES];
static int epoll;

static void fail(const char *call) {
    perror(call);
    exit(1);
}

static void watch(int fd, uint32_t events) {
    struct epoll_event event = {.events = events, .data.fd = fd};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) < 0) {
        fail("epoll_ctl");
    }
}

static void drop(int fd) {
    free(rests[fd].bytes);
    memset(&rests[fd], 0, sizeof rests[fd]);
    close(fd);
}

static void keep(int fd, const char *bytes, size_t count) {
    rests[fd].bytes = malloc(count);
    if (rests[fd].bytes == NULL) {
        fail("malloc");
    }
    memcpy(rests[fd].bytes, bytes, count);
    rests[fd].start = 0;
    rests[fd].end = count;
}

/* Returns the bytes sent, 0 if it would block, -1 if the connection is lost. */
static ssize_t put(int fd, const char *bytes, size_t count) {
    ssize_t sent;
    do {
        sent = send(fd, bytes, count, MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
    return sent < 0 && errno == EAGAIN ? 0 : sent;
}

/* Returns 1 if everything is sent, 0 if it would block, -1 if the connection is lost. */
static int put_rest(int fd) {
    struct rest *rest = &rests[fd];
    ssize_t sent = put(fd, rest->bytes + rest->start, rest->end - rest->start);
    if (sent < 0) {
        return -1;
    }
    rest->start += sent;
    if (rest->start < rest->end) {
        return 0;
    }
    free(rest->bytes);
    memset(rest, 0, sizeof *rest);
    return 1;
}

static void serve(int fd, uint32_t events) {
    if (rests[fd].bytes != NULL) {
        int state = put_rest(fd);
        if (state < 0) {
            drop(fd);
        }
        if (state <= 0) {
            return;
        }
    } else if (!(events & ~EPOLLOUT)) {
        return;
    }
    for (;;) {
        ssize_t count = recv(fd, buffer, BUFFER_BYTES, 0);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0 && errno == EAGAIN) {
            return;
        }
        ssize_t sent = count <= 0 ? -1 : put(fd, buffer, count);
        if (sent < 0) {
            drop(fd);
            return;
        }
        if (sent < count) {
            keep(fd, buffer + sent, count - sent);
            return;
        }
        /* A short read has drained the socket, unless the end of the stream follows. */
        if (count < BUFFER_BYTES && !(events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR))) {
            return;
        }
    }
}

static void accept_waiting(int listener) {
    for (;;) {
        int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) {
            if (errno == EAGAIN) {
                return;
            }
            if (errno == EINTR || errno == ECONNABORTED) {
                continue;
            }
            fail("accept4");
        }
        if (fd >= MAX_FD) {
            close(fd);
            continue;
        }
        watch(fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET);
    }
}

static int listen_anywhere(void) {
    struct sockaddr_in local = {
        .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof local;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&local, sizeof local) < 0
        || listen(fd, BACKLOG) < 0 || getsockname(fd, (struct sockaddr *)&local, &length) < 0) {
        fail("listen");
    }
    printf("READY %d\n", ntohs(local.sin_port));
    fflush(stdout);
    return fd;
}

int main(void) {
    static struct epoll_event events[EVENTS];
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
    epoll = epoll_create1(EPOLL_CLOEXEC);
    if (epoll < 0) {
        fail("epoll_create1");
    }
    watch(STDIN_FILENO, EPOLLIN);
    int listener = listen_anywhere();
    watch(listener, EPOLLIN);
    for (;;) {
        int ready = epoll_wait(epoll, events, EVENTS, -1);
        if (ready < 0 && errno != EINTR) {
            fail("epoll_wait");
        }
        for (int i = 0; i < ready; i++) {
            int fd = events[i].data.fd;
            if (fd == listener) {
                accept_waiting(listener);
            } else if (fd == STDIN_FILENO) {
                return 0;
            } else {
                serve(fd, events[i].events);
            }
        }
    }
}
